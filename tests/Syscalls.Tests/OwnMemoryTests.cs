using System.Globalization;

namespace Rundlet.Syscalls.Tests;

/// <summary><see cref="OwnMemory"/>.</summary>
public sealed class OwnMemoryTests
{
    private static readonly int[] s_numbers = [.. Enumerable.Range(0, 1000)];

    [Fact]
    public void What_is_given_back_is_there_again_when_it_is_needed()
    {
        OwnMemory.GiveBack();
        Assert.Equal(499_500, s_numbers.Sum());
        Assert.Equal("1000", 1000.ToString(CultureInfo.InvariantCulture));
        OwnMemory.GiveBack();
    }
}

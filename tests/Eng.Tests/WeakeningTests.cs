using System.Diagnostics;

namespace Rundlet.Eng.Tests;

public sealed class WeakeningTests
{
    /// <summary>A line of eng/weakenings whose place has moved says nothing about its test any more.</summary>
    [Fact]
    public void Every_weakening_finds_its_place()
    {
        DirectoryInfo? folder = new(AppContext.BaseDirectory);
        while (folder is not null && !File.Exists($"{folder.FullName}/Rundlet.slnx"))
            folder = folder.Parent;
        using Process check = Process.Start(new ProcessStartInfo($"{folder!.FullName}/eng/weakcheck", ["--look"]) { RedirectStandardError = true, RedirectStandardOutput = true })!;
        string error = check.StandardError.ReadToEnd();
        check.WaitForExit();
        Assert.True(check.ExitCode == 0, error);
    }
}

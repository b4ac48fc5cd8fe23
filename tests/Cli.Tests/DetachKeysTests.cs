using Rundlet.Cli.Terminal;
using Rundlet.Linux;

namespace Rundlet.Cli.Tests;

public sealed class DetachKeysTests
{
    [Theory]
    [InlineData(new byte[] { 97, 98 }, new byte[] { 97, 98 }, false)]
    [InlineData(new byte[] { 97, 16, 17, 98 }, new byte[] { 97 }, true)]
    [InlineData(new byte[] { 16, 97 }, new byte[] { 16, 97 }, false)]
    [InlineData(new byte[] { 16, 16, 17 }, new byte[] { 16 }, true)]
    [InlineData(new byte[] { 17, 16 }, new byte[] { 17 }, false)]
    public void Only_the_two_keys_one_after_the_other_detach(byte[] typed, byte[] expected, bool detached)
    {
        byte[] passed = new byte[typed.Length + 1];
        Assert.Equal(detached, new DetachKeys().Filter(typed, passed, out int length));
        Assert.Equal(expected, passed[..length]);
    }

    [Fact]
    public void The_keys_are_seen_when_they_come_in_two_pieces()
    {
        DetachKeys keys = new();
        byte[] passed = new byte[4];
        Assert.False(keys.Filter([16], passed, out int length));
        Assert.Equal(0, length);
        Assert.True(keys.Filter([17], passed, out _));
    }

    [Theory]
    [InlineData("ctrl-a,d", new byte[] { 98, 1, 100 }, new byte[] { 98 }, true)]
    [InlineData("CTRL-\\", new byte[] { 28 }, new byte[] { }, true)]
    [InlineData("a,a,b", new byte[] { 97, 97, 97, 98 }, new byte[] { 97 }, true)]
    [InlineData("a,b,a,c", new byte[] { 97, 98, 97, 98, 97, 99 }, new byte[] { 97, 98 }, true)]
    [InlineData("a,b,a,c", new byte[] { 97, 98, 97, 98, 120 }, new byte[] { 97, 98, 97, 98, 120 }, false)]
    [InlineData("", new byte[] { 16, 17 }, new byte[] { }, true)]
    public void Other_keys_are_as_the_user_says(string text, byte[] typed, byte[] expected, bool detached)
    {
        DetachKeys keys = DetachKeys.Parse(text);
        byte[] passed = new byte[typed.Length + keys.MostHeld];
        Assert.Equal(detached, keys.Filter(typed, passed, out int length));
        Assert.Equal(expected, passed[..length]);
    }

    [Theory]
    [InlineData("ctrl-")]
    [InlineData("ctrl-1")]
    [InlineData("ab")]
    [InlineData("a,,b")]
    [InlineData("ü")]
    public void What_is_no_key_is_refused(string text) =>
        Assert.Equal(ContainerErrorKind.InvalidArgument, Assert.Throws<ContainerException>(() => DetachKeys.Parse(text)).Kind);
}

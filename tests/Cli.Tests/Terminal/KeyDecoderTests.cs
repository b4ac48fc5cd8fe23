using System.Text;
using Rundlet.Cli.Terminal;

namespace Rundlet.Cli.Tests.Terminal;

public sealed class KeyDecoderTests
{
    [Theory]
    [InlineData("a", "a")]
    [InlineData("é日🐳", "é 日 🐳")]
    [InlineData("\e[A\e[B\e[C\e[D", "Up Down Right Left")]
    [InlineData("\eOA\eOB\eOM", "Up Down Enter")]
    [InlineData("\e[5~\e[6~\e[1~\e[4~\e[7~\e[8~\e[H\e[F", "PageUp PageDown Home End Home End Home End")]
    [InlineData("\e[1;5Ax", "Up x")]
    [InlineData("\e[[Ax", "Up x")] // a function key of the Linux console reads as an arrow: nothing of it stays behind
    [InlineData("\e[3~\e[15~\e[Z", "Other Other Other")]
    [InlineData("\exq", "Other q")]
    [InlineData("\e\e[A", "Escape Up")]
    [InlineData("\r\n\b\x7f\x03\x1a\x0c\x01", "Enter Enter Backspace Backspace Interrupt Suspend Redraw Other")]
    [InlineData("\e[<0;5;6M", "Enter")]
    public void Bytes_become_keys_wherever_they_are_cut(string typed, string expected)
    {
        byte[] bytes = Encoding.UTF8.GetBytes(typed);
        for (int cut = 0; cut <= bytes.Length; cut++)
        {
            KeyDecoder decoder = new();
            List<Key> keys = [];
            decoder.Feed(bytes.AsSpan(0, cut), keys);
            decoder.Feed(bytes.AsSpan(cut), keys);
            Assert.Equal(expected, Text(keys));
            Assert.False(decoder.IsPending);
        }
    }

    [Fact]
    public void The_escape_key_is_known_by_what_does_not_follow()
    {
        KeyDecoder decoder = new();
        List<Key> keys = [];
        decoder.Feed("\e"u8, keys);
        Assert.True(decoder.IsPending);
        decoder.Flush(keys);
        Assert.Equal("Escape", Text(keys));
        decoder.Feed("\e["u8, keys);
        decoder.Flush(keys);
        Assert.Equal("Escape Other", Text(keys));
    }

    [Fact]
    public void No_bytes_hold_it_up_for_ever()
    {
        Random random = new(20261126);
        byte[] bytes = new byte[64];
        for (int round = 0; round < 5_000; round++)
        {
            KeyDecoder decoder = new();
            List<Key> keys = [];
            random.NextBytes(bytes);
            decoder.Feed(bytes, keys);
            decoder.Flush(keys);
            Assert.False(decoder.IsPending);
        }
        KeyDecoder endless = new();
        for (int i = 0; i < 1000; i++)
            endless.Feed(i == 0 ? "\e["u8 : "1;"u8, []);
        List<Key> after = [];
        endless.Flush(after);
        endless.Feed("q"u8, after);
        Assert.Equal(KeyKind.Character, after[^1].Kind);
    }

    private static string Text(IEnumerable<Key> keys) => string.Join(' ', keys.Select(key => key.Kind == KeyKind.Character ? key.Character.ToString() : key.Kind.ToString()));
}

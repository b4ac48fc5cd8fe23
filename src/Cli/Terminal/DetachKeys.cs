using Rundlet.Linux;

namespace Rundlet.Cli.Terminal;

/// <summary>Watches what is typed for the keys that detach. Those that may be the first of them are held back until the next one says what they were.</summary>
internal sealed class DetachKeys
{
    private const byte ControlP = 0x10, ControlQ = 0x11;

    private readonly byte[] _keys;
    private int _held;

    /// <summary>Watches for ctrl-p ctrl-q.</summary>
    public DetachKeys()
        : this([ControlP, ControlQ])
    {
    }

    private DetachKeys(byte[] keys) => _keys = keys;

    /// <summary>How many bytes more may be passed than were typed.</summary>
    public int MostHeld => _keys.Length - 1;

    /// <summary>Reads a value of <c>--detach-keys</c>: keys with commas between them, each a character or <c>ctrl-</c> and a letter or one of <c>@[\]^_</c>.</summary>
    /// <param name="text">The value; null or empty for ctrl-p ctrl-q.</param>
    /// <exception cref="ContainerException">InvalidArgument: there is no such key.</exception>
    public static DetachKeys Parse(string? text) => string.IsNullOrEmpty(text) ? new DetachKeys() : new DetachKeys([.. text.Split(',').Select(key => KeyOf(key, text))]);

    /// <summary>Takes what was typed.</summary>
    /// <param name="typed">The bytes.</param>
    /// <param name="passed">Gets the bytes that are for the program; has <see cref="MostHeld"/> places more than <paramref name="typed"/>.</param>
    /// <param name="length">How many they are.</param>
    /// <returns>Whether the keys were typed; what follows them is dropped.</returns>
    public bool Filter(ReadOnlySpan<byte> typed, Span<byte> passed, out int length)
    {
        length = 0;
        foreach (byte key in typed)
        {
            while (key != _keys[_held] && _held > 0)
            {
                // What is held may end with another beginning of the keys.
                int still = LongestBorder(_held);
                _keys.AsSpan(0, _held - still).CopyTo(passed[length..]);
                length += _held - still;
                _held = still;
            }
            if (key != _keys[_held])
                passed[length++] = key;
            else if (++_held == _keys.Length)
                return true;
        }
        return false;
    }

    private int LongestBorder(int held)
    {
        int length = held - 1;
        while (!_keys.AsSpan(0, length).SequenceEqual(_keys.AsSpan(held - length, length)))
            length--;
        return length;
    }

    private static byte KeyOf(string key, string text)
    {
        if (key.Length == 1 && char.IsAscii(key[0]))
            return (byte)key[0];
        if (key.Length == 6 && key.StartsWith("ctrl-", StringComparison.OrdinalIgnoreCase) && char.ToUpperInvariant(key[5]) is >= '@' and <= '_' and var letter)
            return (byte)(letter - '@');
        throw new ContainerException(ContainerErrorKind.InvalidArgument, $"invalid detach keys '{text}': there is no key '{key}'") { Hint = "write them as in ctrl-p,ctrl-q or ctrl-a,d" };
    }
}

using System.Buffers;
using System.Buffers.Text;
using System.Runtime.InteropServices;
using System.Text;

namespace Rundlet.Cli.Terminal;

/// <summary>
/// Makes keys of what a terminal in raw mode sends: UTF-8, control characters, and the sequences of ECMA-48 and xterm for other keys, which
/// begin with the byte of the escape key.
/// </summary>
internal sealed class KeyDecoder
{
    private const byte Escape = 0x1B;
    private const int Longest = 64;

    private readonly List<byte> _pending = [];

    /// <summary>Whether a key has begun and its rest must come, if it is not the escape key alone.</summary>
    public bool IsPending => _pending.Count > 0;

    /// <summary>Takes bytes.</summary>
    /// <param name="typed">The bytes, cut anywhere.</param>
    /// <param name="keys">Gets the keys that are whole.</param>
    public void Feed(ReadOnlySpan<byte> typed, List<Key> keys)
    {
        _pending.AddRange(typed);
        ReadOnlySpan<byte> rest = CollectionsMarshal.AsSpan(_pending);
        while (!rest.IsEmpty && TryNext(rest, out Key key, out int length))
        {
            keys.Add(key);
            rest = rest[length..];
        }
        _pending.RemoveRange(0, _pending.Count - rest.Length);
        if (_pending.Count > Longest)
            _pending.Clear();
    }

    /// <summary>Nothing came for a while: what has begun is all there is.</summary>
    public void Flush(List<Key> keys)
    {
        if (_pending.Count > 0)
            keys.Add(new Key(_pending is [Escape] ? KeyKind.Escape : KeyKind.Other));
        _pending.Clear();
    }

    private static bool TryNext(ReadOnlySpan<byte> bytes, out Key key, out int length)
    {
        (key, length) = (new Key(KeyKind.Other), 1);
        if (bytes[0] == Escape)
            return TrySequence(bytes, out key, out length);
        KeyKind? control = bytes[0] switch
        {
            3 => KeyKind.Interrupt,
            8 or 0x7F => KeyKind.Backspace,
            (byte)'\n' or (byte)'\r' => KeyKind.Enter,
            0xC => KeyKind.Redraw,
            0x1A => KeyKind.Suspend,
            < 0x20 => KeyKind.Other,
            _ => null,
        };
        if (control is { } kind)
        {
            key = new Key(kind);
            return true;
        }
        OperationStatus status = Rune.DecodeFromUtf8(bytes, out Rune rune, out length);
        if (status == OperationStatus.Done)
            key = new Key(KeyKind.Character, rune);
        return status != OperationStatus.NeedMoreData;
    }

    private static bool TrySequence(ReadOnlySpan<byte> bytes, out Key key, out int length)
    {
        (key, length) = (new Key(KeyKind.Other), 2);
        if (bytes.Length == 1)
            return false;
        if (bytes[1] == Escape)
        {
            (key, length) = (new Key(KeyKind.Escape), 1);
            return true;
        }
        if (bytes[1] is not ((byte)'[' or (byte)'O'))
            return true; // with the alt key
        int at = 2;
        if (bytes[1] == '[' && bytes.Length > 2 && bytes[2] == '[')
            at++; // function keys of the Linux console
        while (at < bytes.Length && bytes[at] is >= 0x20 and < 0x40)
            at++;
        if (at == bytes.Length)
            return false;
        length = bytes[at] is >= 0x40 and < 0x7F ? at + 1 : at;
        key = new Key(KindOf(bytes[at], bytes[2..at]));
        return true;
    }

    private static KeyKind KindOf(byte final, ReadOnlySpan<byte> parameters) => (char)final switch
    {
        'A' => KeyKind.Up,
        'B' => KeyKind.Down,
        'C' => KeyKind.Right,
        'D' => KeyKind.Left,
        'H' => KeyKind.Home,
        'F' => KeyKind.End,
        'M' => KeyKind.Enter,
        '~' when Utf8Parser.TryParse(parameters, out int number, out _) => number switch
        {
            1 or 7 => KeyKind.Home,
            4 or 8 => KeyKind.End,
            5 => KeyKind.PageUp,
            6 => KeyKind.PageDown,
            _ => KeyKind.Other,
        },
        _ => KeyKind.Other,
    };
}

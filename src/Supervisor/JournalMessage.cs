using System.Buffers.Binary;
using System.Text;

namespace Rundlet.Supervisor;

/// <summary>
/// A datagram of journald's native protocol: <c>NAME=value\n</c>, or, where the value holds a newline, <c>NAME\n</c>, its length as
/// 64 bits little-endian, the value, <c>\n</c>. See systemd's <c>docs/JOURNAL_NATIVE_PROTOCOL.md</c>.
/// </summary>
internal sealed class JournalMessage
{
    private byte[] _bytes = new byte[2048];
    private int _length;

    /// <summary>What was put in.</summary>
    public ReadOnlySpan<byte> Bytes => _bytes.AsSpan(0, _length);

    /// <summary>Begins with the first <paramref name="kept"/> bytes of what is there.</summary>
    public void Cut(int kept) => _length = kept;

    /// <summary>Adds a field.</summary>
    public void Add(ReadOnlySpan<byte> name, ReadOnlySpan<byte> value)
    {
        Put(name);
        if (value.Contains((byte)'\n'))
        {
            Put("\n"u8);
            Span<byte> length = stackalloc byte[8];
            BinaryPrimitives.WriteUInt64LittleEndian(length, (ulong)value.Length);
            Put(length);
        }
        else
        {
            Put("="u8);
        }
        Put(value);
        Put("\n"u8);
    }

    /// <summary>Adds a field of text.</summary>
    public void Add(string name, string value) => Add(Encoding.ASCII.GetBytes(name), Encoding.UTF8.GetBytes(value));

    /// <summary>Adds a field with a number.</summary>
    public void Add(ReadOnlySpan<byte> name, long value)
    {
        Span<byte> digits = stackalloc byte[20];
        _ = value.TryFormat(digits, out int length); // ignored: twenty bytes hold any
        Add(name, digits[..length]);
    }

    private void Put(ReadOnlySpan<byte> bytes)
    {
        if (_length + bytes.Length > _bytes.Length)
            Array.Resize(ref _bytes, Math.Max(2 * _bytes.Length, _length + bytes.Length));
        bytes.CopyTo(_bytes.AsSpan(_length));
        _length += bytes.Length;
    }
}

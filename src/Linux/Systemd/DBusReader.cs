using System.Buffers.Binary;
using System.Text;
using Rundlet.Syscalls;

namespace Rundlet.Linux.Systemd;

/// <summary>Reads values in D-Bus' form, little endian; what leads out of the bytes, or is not of the form, is <c>EBADMSG</c>.</summary>
internal ref struct DBusReader(ReadOnlySpan<byte> bytes)
{
    private readonly ReadOnlySpan<byte> _bytes = bytes;
    private int _at;

    /// <summary>Whether all was read.</summary>
    public readonly bool IsAtEnd => _at >= _bytes.Length;

    /// <summary>How far it has come.</summary>
    public readonly int Position => _at;

    /// <summary>Goes on to a multiple.</summary>
    public void Align(int multiple) => _at = Math.Min((_at + multiple - 1) / multiple * multiple, _bytes.Length);

    /// <summary>One byte.</summary>
    public byte Byte() => Take(1)[0];

    /// <summary>Four bytes.</summary>
    public uint UInt32()
    {
        Align(4);
        return BinaryPrimitives.ReadUInt32LittleEndian(Take(4));
    }

    /// <summary>A string or an object path.</summary>
    public string Text()
    {
        uint length = UInt32();
        return Terminated(length);
    }

    /// <summary>A signature.</summary>
    public string Signature() => Terminated(Byte());

    /// <summary>A variant of a basic type: its type, and its text or number.</summary>
    public (char Type, string Text, ulong Number) Variant()
    {
        string signature = Signature();
        if (signature.Length != 1)
            throw Malformed();
        char type = signature[0];
        switch (type)
        {
            case 's' or 'o':
                return (type, Text(), 0);
            case 'g':
                return (type, Signature(), 0);
            case 'y' or 'n' or 'q' or 'b' or 'i' or 'u' or 'x' or 't' or 'd':
                int size = DBusWriter.AlignmentOf(type);
                Align(size);
                ulong number = 0;
                ReadOnlySpan<byte> all = Take((uint)size);
                for (int i = size - 1; i >= 0; i--)
                    number = number << 8 | all[i];
                return (type, "", number);
            default:
                throw Malformed();
        }
    }

    /// <summary>The error for bytes that are none of ours.</summary>
    public static LinuxException Malformed() => new(Errno.EBADMSG, "read a message of", "D-Bus");

    private string Terminated(uint length)
    {
        ReadOnlySpan<byte> text = Take(length);
        return Take(1)[0] == 0 ? Encoding.UTF8.GetString(text) : throw Malformed();
    }

    private ReadOnlySpan<byte> Take(uint length)
    {
        if (length > _bytes.Length - _at)
            throw Malformed();
        ReadOnlySpan<byte> taken = _bytes.Slice(_at, (int)length);
        _at += (int)length;
        return taken;
    }
}

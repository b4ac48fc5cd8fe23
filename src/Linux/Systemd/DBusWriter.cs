using System.Buffers.Binary;
using System.Text;

namespace Rundlet.Linux.Systemd;

/// <summary>Writes values in D-Bus' form, little endian. Specification: "Marshaling".</summary>
internal sealed class DBusWriter
{
    private byte[] _buffer = new byte[512];

    /// <summary>How much was written.</summary>
    public int Length { get; private set; }

    /// <summary>What was written.</summary>
    public ReadOnlySpan<byte> Written => _buffer.AsSpan(0, Length);

    /// <summary>The multiple at which a value of a type starts.</summary>
    /// <exception cref="LinuxException">There is no such type.</exception>
    public static int AlignmentOf(char type) => type switch
    {
        'y' or 'g' or 'v' => 1,
        'n' or 'q' => 2,
        'b' or 'i' or 'u' or 's' or 'o' or 'a' => 4,
        'x' or 't' or 'd' or '(' or '{' => 8,
        _ => throw new Syscalls.LinuxException(Syscalls.Errno.EBADMSG, "marshal type", $"{type}"),
    };

    /// <summary>Zeros up to a multiple.</summary>
    public void Align(int multiple)
    {
        while (Length % multiple != 0)
            Append(0);
    }

    /// <summary>A value.</summary>
    public void Write(DBusValue value)
    {
        char type = value.Signature[0];
        switch (type)
        {
            case 's' or 'o':
                WriteText(value.Text);
                break;
            case 'g':
                WriteSignature(value.Text);
                break;
            case 'v':
                WriteSignature(value.Items[0].Signature);
                Write(value.Items[0]);
                break;
            case 'a':
                WriteArray(value);
                break;
            case '(':
                Align(8);
                foreach (DBusValue field in value.Items)
                    Write(field);
                break;
            default:
                WriteFixed(type == 'b' ? 4 : AlignmentOf(type), value.Number);
                break;
        }
    }

    /// <summary>A number of 1, 2, 4 or 8 bytes, at a multiple of as many.</summary>
    public void WriteFixed(int bytes, ulong number)
    {
        Align(bytes);
        for (int i = 0; i < bytes; i++)
            Append((byte)(number >> (8 * i)));
    }

    /// <summary>Puts a 4-byte number at a place that was left free.</summary>
    public void Patch(int at, uint number) => BinaryPrimitives.WriteUInt32LittleEndian(_buffer.AsSpan(at), number);

    /// <summary>Bytes as they are.</summary>
    public void Append(ReadOnlySpan<byte> bytes)
    {
        foreach (byte one in bytes)
            Append(one);
    }

    private void WriteText(string text)
    {
        byte[] bytes = Encoding.UTF8.GetBytes(text);
        WriteFixed(4, (uint)bytes.Length);
        Append(bytes);
        Append(0);
    }

    private void WriteSignature(string signature)
    {
        Append((byte)signature.Length);
        Append(Encoding.UTF8.GetBytes(signature));
        Append(0);
    }

    /// <summary>The length in bytes does not count the zeros before the first element.</summary>
    private void WriteArray(DBusValue value)
    {
        WriteFixed(4, 0);
        int length = Length - 4;
        Align(AlignmentOf(value.Signature[1]));
        int start = Length;
        foreach (DBusValue item in value.Items)
            Write(item);
        Patch(length, (uint)(Length - start));
    }

    private void Append(byte one)
    {
        if (Length == _buffer.Length)
            System.Array.Resize(ref _buffer, 2 * _buffer.Length);
        _buffer[Length++] = one;
    }
}

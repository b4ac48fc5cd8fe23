using System.Buffers.Binary;

namespace Rundlet.Linux.Systemd;

/// <summary>One message. Specification: "Message Protocol".</summary>
internal sealed class DBusMessage
{
    /// <summary>Bytes of the fixed part, with the length of the fields behind it.</summary>
    public const int FixedLength = 16;

    /// <summary>No message of systemd that matters here comes near this.</summary>
    public const int MaxLength = 1 << 20;

    private const byte LittleEndian = (byte)'l', Version = 1;
    private const byte PathField = 1, InterfaceField = 2, MemberField = 3, ErrorField = 4, ReplyField = 5, DestinationField = 6, SignatureField = 8;

    /// <summary>Call, answer, error, signal: 1 to 4.</summary>
    public DBusMessageType Type { get; private set; }

    /// <summary>The serial of the call that is answered.</summary>
    public uint ReplySerial { get; private set; }

    /// <summary>The object.</summary>
    public string Path { get; private set; } = "";

    /// <summary>The member's interface.</summary>
    public string Interface { get; private set; } = "";

    /// <summary>The method or signal.</summary>
    public string Member { get; private set; } = "";

    /// <summary>The name of an error.</summary>
    public string Error { get; private set; } = "";

    /// <summary>The types of the body.</summary>
    public string Signature { get; private set; } = "";

    /// <summary>The values.</summary>
    public byte[] Body { get; private set; } = [];

    /// <summary>A method call.</summary>
    public static byte[] Call(uint serial, string destination, string path, string type, string member, ReadOnlySpan<DBusValue> arguments)
    {
        var body = new DBusWriter();
        string signature = "";
        foreach (DBusValue argument in arguments)
        {
            body.Write(argument);
            signature += argument.Signature;
        }
        List<DBusValue> fields =
        [
            Field(PathField, DBusValue.OfText('o', path)),
            Field(InterfaceField, DBusValue.String(type)),
            Field(MemberField, DBusValue.String(member)),
            Field(DestinationField, DBusValue.String(destination)),
        ];
        if (signature.Length > 0)
            fields.Add(Field(SignatureField, DBusValue.OfText('g', signature)));
        var whole = new DBusWriter();
        whole.Append([LittleEndian, (byte)DBusMessageType.Call, 0, Version]);
        whole.WriteFixed(4, (uint)body.Length);
        whole.WriteFixed(4, serial);
        whole.Write(DBusValue.Array("(yv)", fields));
        whole.Align(8);
        whole.Append(body.Written);
        return whole.Written.ToArray();
    }

    /// <summary>The length of a message of which the fixed part is there.</summary>
    /// <exception cref="Syscalls.LinuxException"><c>EBADMSG</c>: it is none, or longer than <see cref="MaxLength"/>.</exception>
    public static int LengthOf(ReadOnlySpan<byte> fixedPart)
    {
        uint body = BinaryPrimitives.ReadUInt32LittleEndian(fixedPart[4..]), fields = BinaryPrimitives.ReadUInt32LittleEndian(fixedPart[12..]);
        if (fixedPart[0] != LittleEndian || fixedPart[3] != Version || body > MaxLength || fields > MaxLength)
            throw DBusReader.Malformed();
        int head = (FixedLength + (int)fields + 7) / 8 * 8;
        return head + (int)body <= MaxLength ? head + (int)body : throw DBusReader.Malformed();
    }

    /// <summary>Parses a whole message.</summary>
    /// <exception cref="Syscalls.LinuxException"><c>EBADMSG</c>: it is none.</exception>
    public static DBusMessage Parse(ReadOnlySpan<byte> bytes)
    {
        if (bytes.Length < FixedLength || LengthOf(bytes) != bytes.Length)
            throw DBusReader.Malformed();
        var message = new DBusMessage { Type = (DBusMessageType)bytes[1] };
        int end = FixedLength + (int)BinaryPrimitives.ReadUInt32LittleEndian(bytes[12..]);
        var reader = new DBusReader(bytes[..end]);
        reader.UInt32();
        reader.UInt32();
        reader.UInt32();
        reader.UInt32();
        while (!reader.IsAtEnd)
        {
            reader.Align(8);
            message.Take(reader.Byte(), reader.Variant());
        }
        message.Body = bytes[((end + 7) / 8 * 8)..].ToArray();
        return message;
    }

    private void Take(byte field, (char Type, string Text, ulong Number) value)
    {
        switch (field)
        {
            case PathField:
                Path = value.Text;
                break;
            case InterfaceField:
                Interface = value.Text;
                break;
            case MemberField:
                Member = value.Text;
                break;
            case ErrorField:
                Error = value.Text;
                break;
            case ReplyField:
                ReplySerial = (uint)value.Number;
                break;
            case SignatureField:
                Signature = value.Text;
                break;
        }
    }

    private static DBusValue Field(byte code, DBusValue value) => DBusValue.Struct(DBusValue.Fixed('y', code), DBusValue.Variant(value));
}

using System.Net.Sockets;
using System.Text;
using Rundlet.Linux.Systemd;

namespace Rundlet.Linux.Tests.Systemd;

/// <summary>A bus with a systemd behind it that says yes to everything and notes what it was asked; one connection.</summary>
internal sealed class FakeManager : IDisposable
{
    private readonly Socket _listener = new(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
    private readonly Thread _thread;
    private uint _serial;

    public FakeManager(string path)
    {
        _listener.Bind(new UnixDomainSocketEndPoint(path));
        _listener.Listen(1);
        _thread = new Thread(Serve) { IsBackground = true };
        _thread.Start();
    }

    /// <summary>The methods, in order.</summary>
    public List<string> Asked { get; } = [];

    public void Dispose()
    {
        _listener.Dispose();
        _thread.Join();
    }

    private void Serve()
    {
        try
        {
            using Socket client = _listener.Accept();
            byte[] buffer = new byte[1 << 16];
            int length = 0;
            while (Encoding.ASCII.GetString(buffer, 0, length).IndexOf("BEGIN\r\n", StringComparison.Ordinal) < 0)
                length += client.Receive(buffer, length, buffer.Length - length, SocketFlags.None);
            int end = Encoding.ASCII.GetString(buffer, 0, length).IndexOf("BEGIN\r\n", StringComparison.Ordinal) + 7;
            buffer.AsSpan(end, length - end).CopyTo(buffer);
            length -= end;
            client.Send("DATA\r\nOK 0\r\n"u8);
            while (true)
            {
                while (length < DBusMessage.FixedLength || length < DBusMessage.LengthOf(buffer))
                {
                    int got = client.Receive(buffer, length, buffer.Length - length, SocketFlags.None);
                    if (got == 0)
                        return;
                    length += got;
                }
                int whole = DBusMessage.LengthOf(buffer);
                client.Send(Answer(DBusMessage.Parse(buffer.AsSpan(0, whole)), BitConverter.ToUInt32(buffer, 8)));
                buffer.AsSpan(whole, length - whole).CopyTo(buffer);
                length -= whole;
            }
        }
        catch (SocketException)
        {
            return; // the test is over
        }
    }

    private byte[] Answer(DBusMessage call, uint serial)
    {
        bool again = call.Member == "Subscribe" && Asked.Contains("Subscribe");
        Asked.Add(call.Member);
        if (again)
            return Message(3, [Field(4, DBusValue.String("org.freedesktop.systemd1.AlreadySubscribed")), Field(5, DBusValue.UInt32(serial))], DBusValue.String("Client is already subscribed."));
        if (call.Member == "Get")
            return Return(serial, DBusValue.Variant(DBusValue.String("252")));
        if (call.Member is not ("StartTransientUnit" or "StopUnit"))
            return Return(serial);
        const string Job = "/org/freedesktop/systemd1/job/1";
        byte[] removed = Message(4,
            [Field(1, DBusValue.OfText('o', "/org/freedesktop/systemd1")), Field(2, DBusValue.String("org.freedesktop.systemd1.Manager")), Field(3, DBusValue.String("JobRemoved"))],
            DBusValue.UInt32(1), DBusValue.OfText('o', Job), DBusValue.String("x.scope"), DBusValue.String("done"));
        return [.. removed, .. Return(serial, DBusValue.OfText('o', Job))];
    }

    private byte[] Return(uint serial, params DBusValue[] body) => Message(2, [Field(5, DBusValue.UInt32(serial))], body);

    private byte[] Message(byte type, List<DBusValue> fields, params DBusValue[] values)
    {
        DBusWriter body = new();
        string signature = "";
        foreach (DBusValue value in values)
        {
            body.Write(value);
            signature += value.Signature;
        }
        if (signature.Length > 0)
            fields.Add(Field(8, DBusValue.OfText('g', signature)));
        DBusWriter whole = new();
        whole.Append([(byte)'l', type, 0, 1]);
        whole.WriteFixed(4, (uint)body.Length);
        whole.WriteFixed(4, ++_serial);
        whole.Write(DBusValue.Array("(yv)", fields));
        whole.Align(8);
        whole.Append(body.Written);
        return whole.Written.ToArray();
    }

    private static DBusValue Field(byte code, DBusValue value) => DBusValue.Struct(DBusValue.Fixed('y', code), DBusValue.Variant(value));
}

using System.Diagnostics;
using System.Text;
using Rundlet.Syscalls;

namespace Rundlet.Linux.Systemd;

/// <summary>
/// A connection to a bus, or straight to systemd, over a unix socket. One thread, one call at a time; signals that come between
/// are kept. Every wait is bounded.
/// </summary>
internal sealed class DBusConnection : IDisposable
{
    private const int MaxKept = 4096;

    private readonly OwnedFd _socket;
    private readonly string _address;
    private readonly List<DBusMessage> _signals = [];
    private byte[] _buffer = new byte[4096];
    private int _length;
    private uint _serial;

    private DBusConnection(OwnedFd socket, string address)
    {
        _socket = socket;
        _address = address;
    }

    /// <summary>Connects and says who we are: by the credentials that the kernel attaches, in whatever user namespace.</summary>
    /// <param name="path">The socket's path; one that starts with <c>@</c> is abstract.</param>
    /// <param name="isBus">Whether a bus listens there, which wants to be greeted.</param>
    /// <param name="deadline">When to give up; see <see cref="After"/>.</param>
    /// <exception cref="LinuxException">Nobody listens, or we are not let in.</exception>
    public static DBusConnection Open(string path, bool isBus, long deadline)
    {
        OwnedFd socket = OwnedFd.FromAnswer(Sys.socket(AF.UNIX, SOCK.STREAM, 0), "socket");
        var connection = new DBusConnection(socket, path);
        try
        {
            LinuxException.ThrowIfError(Sys.connect(socket.Value, AddressOf(path)), "connect", path);
            connection.Authenticate(deadline);
            if (isBus)
                connection.Call("org.freedesktop.DBus", "/org/freedesktop/DBus", "org.freedesktop.DBus", "Hello", [], deadline);
            return connection;
        }
        catch
        {
            connection.Dispose();
            throw;
        }
    }

    /// <summary>A moment to wait until, some milliseconds from now.</summary>
    public static long After(int milliseconds) => Stopwatch.GetTimestamp() + milliseconds * (Stopwatch.Frequency / 1000);

    /// <summary>Calls a method and waits for the answer.</summary>
    /// <exception cref="DBusErrorException">It was refused.</exception>
    /// <exception cref="LinuxException"><c>ETIMEDOUT</c>, or the connection is broken.</exception>
    public DBusMessage Call(string destination, string path, string type, string member, ReadOnlySpan<DBusValue> arguments, long deadline)
    {
        uint serial = ++_serial;
        SendAll(DBusMessage.Call(serial, destination, path, type, member, arguments));
        while (true)
        {
            DBusMessage message = Receive(deadline);
            if (message.Type == DBusMessageType.Signal && _signals.Count < MaxKept)
                _signals.Add(message);
            if (message.ReplySerial != serial || message.Type is not (DBusMessageType.Return or DBusMessageType.Error))
                continue;
            return message.Type == DBusMessageType.Return ? message : throw new DBusErrorException(message.Error, TextOf(message));
        }
    }

    /// <summary>Waits for a signal, one that came before included.</summary>
    /// <param name="matches">Whether it is the one.</param>
    /// <param name="deadline">When to give up.</param>
    /// <exception cref="LinuxException"><c>ETIMEDOUT</c>, or the connection is broken.</exception>
    public DBusMessage WaitFor(Predicate<DBusMessage> matches, long deadline)
    {
        foreach (DBusMessage kept in _signals)
        {
            if (matches(kept))
                return kept;
        }
        _signals.Clear();
        while (true)
        {
            DBusMessage message = Receive(deadline);
            if (message.Type == DBusMessageType.Signal && matches(message))
                return message;
        }
    }

    /// <inheritdoc/>
    public void Dispose() => _socket.Dispose();

    internal static byte[] AddressOf(string path)
    {
        byte[] name = Encoding.UTF8.GetBytes(path);
        if (name.Length > 106)
            throw new LinuxException(Errno.ENAMETOOLONG, "connect", path);
        byte[] address = new byte[2 + name.Length + (name[0] == '@' ? 0 : 1)];
        address[0] = AF.UNIX;
        name.CopyTo(address, 2);
        if (name[0] == '@')
            address[2] = 0;
        return address;
    }

    // Specification: "Authentication Protocol". Without an identity of our own words the other side takes the kernel's.
    private void Authenticate(long deadline)
    {
        SendAll("\0AUTH EXTERNAL\r\nDATA\r\nBEGIN\r\n"u8);
        foreach (string wanted in (ReadOnlySpan<string>)["DATA", "OK "])
        {
            string line = ReadLine(deadline);
            if (!line.StartsWith(wanted, StringComparison.Ordinal))
                throw new LinuxException(Errno.EACCES, "authenticate at", _address);
        }
    }

    private string ReadLine(long deadline)
    {
        int end;
        while ((end = _buffer.AsSpan(0, _length).IndexOf("\r\n"u8)) < 0)
        {
            if (_length > 1024)
                throw DBusReader.Malformed();
            Fill(deadline);
        }
        string line = Encoding.UTF8.GetString(_buffer, 0, end);
        Consume(end + 2);
        return line;
    }

    private DBusMessage Receive(long deadline)
    {
        while (_length < DBusMessage.FixedLength)
            Fill(deadline);
        int length = DBusMessage.LengthOf(_buffer);
        while (_length < length)
            Fill(deadline);
        DBusMessage message = DBusMessage.Parse(_buffer.AsSpan(0, length));
        Consume(length);
        return message;
    }

    private void Consume(int length)
    {
        _buffer.AsSpan(length, _length - length).CopyTo(_buffer);
        _length -= length;
    }

    private void Fill(long deadline)
    {
        if (_length == _buffer.Length)
            System.Array.Resize(ref _buffer, 2 * _buffer.Length);
        Span<pollfd> ready = [new pollfd { fd = _socket.Value, events = POLL.IN }];
        while (true)
        {
            long left = (deadline - Stopwatch.GetTimestamp()) * 1000 / Stopwatch.Frequency;
            if (left <= 0)
                throw new LinuxException(Errno.ETIMEDOUT, "wait for", _address);
            int answer = Sys.poll(ready, (int)Math.Min(left + 1, int.MaxValue));
            if (answer > 0)
                break;
            if (!Sys.Is(answer, Errno.EINTR))
                LinuxException.ThrowIfError(answer, "poll", _address);
        }
        nint got = Sys.recv(_socket.Value, _buffer.AsSpan(_length), 0);
        if (Sys.Is(got, Errno.EINTR))
            return;
        LinuxException.ThrowIfError(got, "read", _address);
        if (got == 0)
            throw new LinuxException(Errno.ECONNRESET, "read", _address);
        _length += (int)got;
    }

    private void SendAll(ReadOnlySpan<byte> bytes)
    {
        while (!bytes.IsEmpty)
        {
            nint sent = Sys.send(_socket.Value, bytes, MSG.NOSIGNAL);
            if (Sys.Is(sent, Errno.EINTR))
                continue;
            LinuxException.ThrowIfError(sent, "write", _address);
            bytes = bytes[(int)sent..];
        }
    }

    private static string TextOf(DBusMessage message) => message.Signature.StartsWith('s') ? new DBusReader(message.Body).Text() : message.Error;
}

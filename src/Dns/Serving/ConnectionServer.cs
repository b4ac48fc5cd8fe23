using System.Buffers.Binary;
using Rundlet.Dns.Wire;
using Rundlet.Linux;
using Rundlet.Syscalls;

namespace Rundlet.Dns.Serving;

/// <summary>
/// Questions by TCP, RFC 7766: two bytes of length before each message, several on a connection, answers in any order. Few connections, few
/// questions at once and short waits, for all of it is the supervisor's memory.
/// </summary>
internal sealed class ConnectionServer : IDisposable
{
    private const int MaxConnections = 32;
    private const int MaxWaiting = 16; // questions of one connection
    private const int MaxUnsent = 160 << 10; // bytes: two of the largest answers and more
    private const int IdleMs = 10_000;
    private const int LengthBytes = 2;
    private const int MaxQuestion = 4096; // bytes

    private readonly Poller _poller;
    private readonly OwnedFd _listener;
    private readonly QuestionHandler _handle;
    private readonly Connection?[] _connections = new Connection?[MaxConnections];
    private ushort _generation;

    private sealed class Connection(OwnedFd fd, int slot, ushort generation)
    {
        public readonly OwnedFd Fd = fd;
        public readonly int Slot = slot;
        public readonly ushort Generation = generation;
        public readonly byte[] In = new byte[LengthBytes + MaxQuestion];
        public byte[] Out = [];
        public int InLength, OutLength, Waiting;
        public long Deadline;
        public uint Events = EPOLL.IN;
        public bool HasEnded, IsSettling;
    }

    /// <summary>Takes connections of a listening socket, not blocking; this one's from now on.</summary>
    /// <exception cref="LinuxException">The kernel refused.</exception>
    public ConnectionServer(Poller poller, OwnedFd listener, QuestionHandler handle)
    {
        (_poller, _listener, _handle) = (poller, listener, handle);
        poller.Add(listener, EPOLL.IN, Watched.Listener, 0, 0);
    }

    /// <summary>Takes one more connection; where there are too many, the one that has been idle longest goes.</summary>
    public void Accept()
    {
        int fd = Sys.accept4(_listener.Value, SOCK.NONBLOCK);
        if (fd < 0)
            return; // the client has gone again
        int slot = Array.IndexOf(_connections, null);
        if (slot < 0)
        {
            slot = 0;
            for (int i = 1; i < MaxConnections; i++)
            {
                if (_connections[i]!.Deadline < _connections[slot]!.Deadline)
                    slot = i;
            }
            Close(_connections[slot]!);
        }
        Connection connection = new(new OwnedFd(fd), slot, ++_generation);
        _connections[slot] = connection;
        Touch(connection);
        _poller.Add(connection.Fd, connection.Events, Watched.Connection, slot, connection.Generation);
    }

    /// <summary>Something can be read or written.</summary>
    public void Advance(int slot, ushort generation, uint events)
    {
        if (TryGet(slot, generation) is not { } connection)
            return;
        if ((events & (EPOLL.ERR | EPOLL.HUP)) != 0)
        {
            Close(connection);
            return;
        }
        if ((events & EPOLL.OUT) != 0 && !Flush(connection))
            return;
        if ((events & EPOLL.IN) != 0)
            Receive(connection);
        else
            Settle(connection);
    }

    /// <summary>Answers a question. Nothing happens where the client has gone.</summary>
    /// <param name="client">Whose it is.</param>
    /// <param name="answer">The message.</param>
    public void Send(in Client client, ReadOnlySpan<byte> answer)
    {
        if (TryGet(client.Connection, client.Generation) is not { } connection)
            return;
        int needed = connection.OutLength + LengthBytes + answer.Length;
        if (needed > MaxUnsent)
        {
            Close(connection); // it asks and does not listen
            return;
        }
        if (connection.Out.Length < needed)
            Array.Resize(ref connection.Out, needed);
        BinaryPrimitives.WriteUInt16BigEndian(connection.Out.AsSpan(connection.OutLength), (ushort)answer.Length);
        answer.CopyTo(connection.Out.AsSpan(connection.OutLength + LengthBytes));
        connection.OutLength = needed;
        connection.Waiting--;
        Touch(connection);
        if (!connection.IsSettling && Flush(connection))
            Settle(connection);
    }

    /// <summary>Closes the connection of somebody who does not speak DNS.</summary>
    public void Refuse(in Client client)
    {
        if (TryGet(client.Connection, client.Generation) is { } connection)
            Close(connection);
    }

    /// <summary>Closes connections on which nothing has happened for a while.</summary>
    public void Expire(long now)
    {
        foreach (Connection? connection in _connections)
        {
            if (connection is null)
                continue;
            if (now >= connection.Deadline)
                Close(connection);
            else
                _poller.WakeBy(connection.Deadline);
        }
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        foreach (Connection? connection in _connections)
            connection?.Fd.Dispose();
        _listener.Dispose();
    }

    private Connection? TryGet(int slot, ushort generation) => _connections[slot] is { } connection && connection.Generation == generation ? connection : null;

    private void Receive(Connection connection)
    {
        nint got = Sys.recv(connection.Fd.Value, connection.In.AsSpan(connection.InLength), MSG.DONTWAIT);
        if (Sys.Is(got, Errno.EAGAIN) || Sys.Is(got, Errno.EINTR))
            return;
        if (got < 0)
        {
            Close(connection);
            return;
        }
        connection.HasEnded |= got == 0;
        connection.InLength += (int)got;
        if (got > 0)
            Touch(connection);
        Settle(connection);
    }

    // Takes the questions that are complete, as many as may wait at once; then waits for what is possible.
    private void Settle(Connection connection)
    {
        connection.IsSettling = true; // an answer that comes at once does not begin this again
        TakeQuestions(connection);
        connection.IsSettling = false;
        if (connection.Fd.IsClosed || !Flush(connection))
            return;
        if (connection.HasEnded && connection is { Waiting: 0, OutLength: 0 })
        {
            Close(connection);
            return;
        }
        bool reads = !connection.HasEnded && connection.Waiting < MaxWaiting && connection.InLength < connection.In.Length;
        uint events = (reads ? EPOLL.IN : 0) | (connection.OutLength > 0 ? EPOLL.OUT : 0);
        if (events == connection.Events)
            return;
        connection.Events = events;
        _poller.Change(connection.Fd, events, Watched.Connection, connection.Slot, connection.Generation);
    }

    private void TakeQuestions(Connection connection)
    {
        Span<byte> message = stackalloc byte[MaxQuestion];
        while (connection.Waiting < MaxWaiting && connection.InLength >= LengthBytes)
        {
            int length = BinaryPrimitives.ReadUInt16BigEndian(connection.In);
            if (length is 0 or > MaxQuestion)
            {
                Close(connection);
                return;
            }
            if (connection.InLength < LengthBytes + length)
                break;
            connection.In.AsSpan(LengthBytes, length).CopyTo(message);
            connection.InLength -= LengthBytes + length;
            connection.In.AsSpan(LengthBytes + length, connection.InLength).CopyTo(connection.In);
            connection.Waiting++;
            _handle(message[..length], new Client { Connection = connection.Slot, Generation = connection.Generation });
            if (connection.Fd.IsClosed)
                return;
        }
    }

    // False where the connection is gone.
    private bool Flush(Connection connection)
    {
        while (connection.OutLength > 0)
        {
            nint put = Sys.send(connection.Fd.Value, connection.Out.AsSpan(0, connection.OutLength), MSG.DONTWAIT | MSG.NOSIGNAL);
            if (Sys.Is(put, Errno.EAGAIN) || Sys.Is(put, Errno.EINTR))
                return true;
            if (put < 0)
            {
                Close(connection);
                return false;
            }
            connection.OutLength -= (int)put;
            connection.Out.AsSpan((int)put, connection.OutLength).CopyTo(connection.Out);
        }
        return true;
    }

    private void Touch(Connection connection)
    {
        connection.Deadline = Environment.TickCount64 + IdleMs;
        _poller.WakeBy(connection.Deadline);
    }

    private void Close(Connection connection)
    {
        connection.Fd.Dispose();
        if (_connections[connection.Slot] == connection)
            _connections[connection.Slot] = null;
    }
}

using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Text;
using Rundlet.Syscalls;

namespace Rundlet.Linux.Netlink;

/// <summary>Takes one message of an answer; see <see cref="NetlinkSocket.Dump{T}"/>.</summary>
/// <returns>What it says, or null to leave it out.</returns>
public delegate T? NetlinkParser<out T>(in NetlinkMessage message) where T : class;

/// <summary>
/// A netlink socket, netlink(7). It stays in the network namespace in which it was opened, whatever thread uses it
/// later. Not safe for use by two threads at once.
/// </summary>
public sealed class NetlinkSocket : IDisposable
{
    private const int Patience = 10_000; // ms; the kernel answers while send(2) runs, so this only ends a hang
    private const int DumpAttempts = 10;
    private const int EasyBatch = 64 << 10; // bytes that the default send buffer takes in any case

    private readonly OwnedFd _fd;
    private readonly byte[] _buffer = new byte[32 << 10]; // the kernel's own upper bound for a part of a dump
    private uint _sequence;

    private NetlinkSocket(OwnedFd fd) => _fd = fd;

    /// <summary>Opens a socket in the calling thread's network namespace.</summary>
    /// <param name="protocol">One of <see cref="NETLINK"/>.</param>
    /// <exception cref="LinuxException">The kernel refused.</exception>
    public static NetlinkSocket Open(int protocol)
    {
        OwnedFd fd = OwnedFd.FromAnswer(Sys.socket(AF.NETLINK, SOCK.RAW, protocol), "open netlink socket");
        try
        {
            Set(fd, NETLINK.EXT_ACK);
            Set(fd, NETLINK.CAP_ACK); // answers do not repeat the request
            if (protocol == NETLINK.ROUTE)
                Set(fd, NETLINK.GET_STRICT_CHK); // dumps are filtered by the kernel
            // Connected to the kernel (port 0): no other process can slip an answer in.
            sockaddr_nl kernel = new() { nl_family = AF.NETLINK };
            LinuxException.ThrowIfError(Sys.connect(fd.Value, MemoryMarshal.AsBytes(new ReadOnlySpan<sockaddr_nl>(in kernel))), "connect netlink socket");
            return new NetlinkSocket(fd);
        }
        catch (LinuxException)
        {
            fd.Dispose();
            throw;
        }
    }

    /// <inheritdoc/>
    public void Dispose() => _fd.Dispose();

    /// <summary>
    /// Sends a batch in one call and waits until each request that wants an answer has one. A request that fails does
    /// not stop those behind it.
    /// </summary>
    /// <exception cref="LinuxException">The first error, by the order of the requests.</exception>
    public void Execute(NetlinkBatch batch)
    {
        Exchange(batch);
        foreach (NetlinkRequest request in batch.Requests)
            request.ThrowIfFailed();
    }

    /// <summary>As <see cref="Execute"/>, but leaves the errors in the requests.</summary>
    /// <exception cref="LinuxException">The exchange itself failed.</exception>
    public void Exchange(NetlinkBatch batch)
    {
        uint first = Send(batch);
        Receive(batch, first, static (in NetlinkMessage _) => (object?)null, null);
    }

    /// <summary>Sends one request and parses the object that comes back.</summary>
    /// <returns>Null when nothing came.</returns>
    /// <exception cref="LinuxException">The kernel refused.</exception>
    public T? Get<T>(NetlinkBatch batch, NetlinkParser<T> parse) where T : class
    {
        List<T> found = [];
        uint first = Send(batch);
        Receive(batch, first, parse, found);
        batch.Requests[0].ThrowIfFailed();
        return found.Count > 0 ? found[0] : null;
    }

    /// <summary>Asks for a list. Asked again when the kernel says that it changed while it was being read.</summary>
    /// <param name="prepare">Makes the request, with <see cref="NLM_F.DUMP"/>; called once an attempt.</param>
    /// <param name="parse">Takes each entry.</param>
    /// <exception cref="LinuxException">The kernel refused, or <c>EINTR</c>: it changed all the time.</exception>
    public List<T> Dump<T>(Func<NetlinkBatch> prepare, NetlinkParser<T> parse) where T : class
    {
        List<T> found = [];
        for (int attempt = 1; ; attempt++)
        {
            NetlinkBatch batch = prepare();
            found.Clear();
            try
            {
                uint first = Send(batch);
                bool whole = Receive(batch, first, parse, found);
                batch.Requests[0].ThrowIfFailed();
                if (whole)
                    return found;
                if (attempt == DumpAttempts)
                    throw new LinuxException(Errno.EINTR, batch.Requests[0].Operation, batch.Requests[0].Subject);
            }
            catch (LinuxException e) when (e.Errno is Errno.ENOBUFS or Errno.EINTR && attempt < DumpAttempts)
            {
                Drain(); // what is left of this answer
            }
        }
    }

    private uint Send(NetlinkBatch batch)
    {
        Span<byte> bytes = batch.Bytes;
        uint first = _sequence + 1;
        foreach (NetlinkRequest request in batch.Requests)
            MemoryMarshal.AsRef<nlmsghdr>(bytes[request.Offset..]).nlmsg_seq = ++_sequence;
        if (bytes.Length > EasyBatch)
            LinuxException.ThrowIfError(Sys.setsockopt(_fd.Value, SOL.SOCKET, SO.SNDBUFFORCE, 2 * bytes.Length), "enlarge netlink socket");
        nint sent;
        do
            sent = Sys.send(_fd.Value, bytes, 0);
        while (Sys.Is(sent, Errno.EINTR));
        LinuxException.ThrowIfError(sent, batch.Requests[0].Operation, batch.Requests[0].Subject);
        return first;
    }

    // Reads until no request of the batch waits for an answer. False when a dump was inconsistent.
    private bool Receive<T>(NetlinkBatch batch, uint first, NetlinkParser<T> parse, List<T>? found) where T : class
    {
        bool whole = true;
        int pending = 0;
        foreach (NetlinkRequest request in batch.Requests)
            pending += request.IsPending ? 1 : 0;
        while (pending > 0)
        {
            ReadOnlySpan<byte> bytes = Datagram(wait: true);
            while (NetlinkMessage.TryRead(ref bytes, out NetlinkMessage message))
            {
                uint index = message.Sequence - first;
                if (index >= (uint)batch.Requests.Count)
                    continue; // an answer to an earlier request that was given up
                whole &= (message.Flags & NLM_F.DUMP_INTR) == 0;
                NetlinkRequest request = batch.Requests[(int)index];
                if (message.Type is NLMSG.ERROR or NLMSG.DONE)
                {
                    pending -= request.IsPending ? 1 : 0;
                    NetlinkAnswer.Read(in message, request);
                }
                else if (message.Type > NLMSG.OVERRUN && parse(in message) is { } item)
                {
                    found?.Add(item);
                }
            }
        }
        return whole;
    }

    /// <summary>
    /// Sends a batch of which only one request wants an answer and the others speak up on failure only, as in an
    /// nfnetlink transaction. The kernel has answered when send(2) comes back; whatever is there is taken.
    /// </summary>
    internal void ExchangeAtOnce(NetlinkBatch batch)
    {
        uint first = Send(batch);
        ReadOnlySpan<byte> bytes;
        while (!(bytes = Datagram(wait: false)).IsEmpty)
        {
            while (NetlinkMessage.TryRead(ref bytes, out NetlinkMessage message))
            {
                uint index = message.Sequence - first;
                if (index < (uint)batch.Requests.Count && message.Type == NLMSG.ERROR)
                    NetlinkAnswer.Read(in message, batch.Requests[(int)index]);
            }
        }
    }

    private void Drain()
    {
        while (true)
        {
            nint got = Sys.recv(_fd.Value, _buffer, MSG.DONTWAIT | MSG.TRUNC);
            if (Sys.Is(got, Errno.EAGAIN))
                return;
            if (!Sys.Is(got, Errno.EINTR) && !Sys.Is(got, Errno.ENOBUFS))
                LinuxException.ThrowIfError(got, "read netlink socket");
        }
    }

    // One datagram, several messages; empty when there is none and none is waited for.
    private ReadOnlySpan<byte> Datagram(bool wait)
    {
        while (true)
        {
            nint got = Sys.recv(_fd.Value, _buffer, MSG.DONTWAIT | MSG.TRUNC);
            if (Sys.Is(got, Errno.EINTR))
                continue;
            if (Sys.Is(got, Errno.EAGAIN))
            {
                if (!wait)
                    return [];
                Wait();
                continue;
            }
            LinuxException.ThrowIfError(got, "read netlink socket");
            if (got > _buffer.Length)
                throw new LinuxException(Errno.EMSGSIZE, "read netlink socket");
            return _buffer.AsSpan(0, (int)got);
        }
    }

    private void Wait()
    {
        Span<pollfd> fds = [new pollfd { fd = _fd.Value, events = POLL.IN }];
        int ready = Sys.poll(fds, Patience);
        if (ready == 0)
            throw new LinuxException(Errno.ETIMEDOUT, "read netlink socket");
        if (!Sys.Is(ready, Errno.EINTR))
            LinuxException.ThrowIfError(ready, "poll netlink socket");
    }

    private static void Set(OwnedFd fd, int option) =>
        LinuxException.ThrowIfError(Sys.setsockopt(fd.Value, SOL.NETLINK, option, 1), "set up netlink socket");
}

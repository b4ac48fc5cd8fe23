using System.Buffers.Binary;
using System.Runtime.InteropServices;
using Rundlet.Syscalls;

namespace Rundlet.Linux.Proc;

/// <summary>
/// What the kernel tells everybody who may administer networks of the end of one process: the process connector,
/// <c>linux/cn_proc.h</c>. For kernels on which <see cref="ProcExit"/> knows nothing once somebody has reaped the process. It is
/// told a moment after the pidfd is readable and somebody can reap, so that it is waited for. A filter in the kernel lets nothing else through.
/// </summary>
/// <remarks>Only for who is in the machine's own pid and user namespaces and may enter its network namespace: others are told nothing.</remarks>
public sealed class ExitNews : IDisposable
{
    // Offsets in a message: nlmsghdr, then cn_msg, then proc_event, whose data begin behind `what`, `cpu` and `timestamp_ns`.
    private const int ConnectorAt = 16, EventAt = 36, ProcessAt = EventAt + 16, StatusAt = ProcessAt + 8, Needed = StatusAt + 4;
    private const int RequestLength = EventAt + sizeof(uint);
    private const ushort LoadWord = 0x20, JumpEqual = 0x15, Return = 0x06;

    // The dying process tells it next; longer only where it is kept from running, as on a machine with far more to do than it can, or where
    // nothing comes at all.
    private const int PatienceMs = 5000;

    private readonly OwnedFd _fd;

    private ExitNews(OwnedFd fd) => _fd = fd;

    /// <summary>Asks for the news of a process that lives; null where the kernel has none for us.</summary>
    /// <exception cref="LinuxException">The calling thread went to the machine's network namespace and does not come back.</exception>
    public static ExitNews? TryOpen(int pid) => TryOpenHere(pid) ?? TryOpenInNetworkOfFirst(pid);

    private static ExitNews? TryOpenHere(int pid)
    {
        int answer = Sys.socket(AF.NETLINK, SOCK.DGRAM, NETLINK.CONNECTOR);
        if (answer < 0)
            return null; // a kernel without connector
        OwnedFd fd = new(answer);
        sockaddr_nl group = new() { nl_family = AF.NETLINK, nl_groups = CN.IDX_PROC };
        ExitNews news = new(fd);
        if (Sys.attach_filter(fd.Value, Only(pid)) >= 0
            && Sys.bind(fd.Value, MemoryMarshal.AsBytes(new ReadOnlySpan<sockaddr_nl>(in group))) >= 0
            && news.Ask(PROC_CN.MCAST_LISTEN) >= 0)
            return news;
        fd.Dispose();
        return null;
    }

    // On this thread: who has a second one must not use it for this.
    private static ExitNews? TryOpenInNetworkOfFirst(int pid)
    {
        int first = Sys.openat(Sys.AT_FDCWD, "/proc/1/ns/net", O.RDONLY), own = Sys.openat(Sys.AT_FDCWD, "/proc/thread-self/ns/net", O.RDONLY);
        using OwnedFd? firstOwned = first < 0 ? null : new OwnedFd(first), ownOwned = own < 0 ? null : new OwnedFd(own);
        if (firstOwned is null || ownOwned is null || Sys.setns(first, CLONE.NEWNET) < 0)
            return null;
        ExitNews? news = TryOpenHere(pid);
        int back = Sys.setns(own, CLONE.NEWNET);
        if (back < 0)
            news?.Dispose();
        LinuxException.ThrowIfError(back, "setns", "network namespace");
        return news;
    }

    /// <summary>The process' wait status, when its pidfd says that it has ended; null where the kernel has told nothing.</summary>
    public int? Status()
    {
        int? status = null;
        Span<byte> message = stackalloc byte[256];
        int ready;
        do
            ready = Sys.poll([new pollfd { fd = _fd.Value, events = POLL.IN }], PatienceMs);
        while (Sys.Is(ready, Errno.EINTR));
        // More than one where it was a thread other than the first that executed the last program: the last one counts.
        while (Sys.recv(_fd.Value, message, MSG.DONTWAIT) is var got && got >= Needed)
            status = BinaryPrimitives.ReadInt32LittleEndian(message[StatusAt..]);
        return status;
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _ = Ask(PROC_CN.MCAST_IGNORE); // ignored: with nobody that listens the kernel saves itself the work, that is all
        _fd.Dispose();
    }

    private nint Ask(uint what)
    {
        Span<byte> request = stackalloc byte[RequestLength];
        request.Clear();
        BinaryPrimitives.WriteInt32LittleEndian(request, RequestLength);
        BinaryPrimitives.WriteUInt16LittleEndian(request[4..], NLMSG.DONE);
        BinaryPrimitives.WriteUInt32LittleEndian(request[ConnectorAt..], CN.IDX_PROC);
        BinaryPrimitives.WriteUInt32LittleEndian(request[(ConnectorAt + 4)..], CN.VAL_PROC);
        BinaryPrimitives.WriteUInt16LittleEndian(request[(ConnectorAt + 16)..], sizeof(uint));
        BinaryPrimitives.WriteUInt32LittleEndian(request[EventAt..], what);
        return Sys.send(_fd.Value, request, 0);
    }

    // Words are loaded as the network has them.
    private static sock_filter[] Only(int pid) =>
    [
        new() { code = LoadWord, k = EventAt },
        new() { code = JumpEqual, jf = 3, k = BinaryPrimitives.ReverseEndianness(PROC_EVENT.EXIT) },
        new() { code = LoadWord, k = ProcessAt },
        new() { code = JumpEqual, jf = 1, k = BinaryPrimitives.ReverseEndianness((uint)pid) },
        new() { code = Return, k = uint.MaxValue },
        new() { code = Return, k = 0 },
    ];
}

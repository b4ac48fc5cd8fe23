using Rundlet.Linux;
using Rundlet.Oci;
using Rundlet.Syscalls;

namespace Rundlet.Runtime.Supervision;

/// <summary>
/// A client's connection to a supervisor. Calls block; a canceled one ends the connection. One thread may send streams
/// (<see cref="WriteStdin"/>, <see cref="EndStdin"/>, <see cref="Resize"/>, <see cref="Detach"/>) while another one reads; everything
/// else is for one thread at a time. A connection carries one attach, exec, stop or wait; for a second one open another.
/// </summary>
public sealed class SupervisorConnection : IDisposable
{
    private readonly OwnedFd _socket;
    private readonly FrameBuffer _received = new();
    private readonly Lock _sending = new();
    private readonly string _runFolder;
    private OwnedFd? _passed;

    private SupervisorConnection(OwnedFd socket, string runFolder)
    {
        _socket = socket;
        _runFolder = runFolder;
    }

    /// <summary>Connects to the supervisor of a run folder.</summary>
    /// <param name="runFolder">Absolute path of the container's run folder.</param>
    /// <returns>Null where there is no supervisor: the container has exited, or the supervisor was killed.</returns>
    /// <exception cref="LinuxException">The kernel refused.</exception>
    public static SupervisorConnection? TryOpen(string runFolder)
    {
        int folder = Sys.openat(Sys.AT_FDCWD, runFolder, O.PATH | O.DIRECTORY);
        if (Sys.Is(folder, Errno.ENOENT))
            return null;
        using OwnedFd opened = OwnedFd.FromAnswer(folder, "open", runFolder);
        OwnedFd socket = OwnedFd.FromAnswer(Sys.socket(AF.UNIX, SOCK.STREAM, 0), "socket");
        int answer;
        do
            answer = Sys.connect(socket.Value, ControlAddress.In(opened.Value));
        while (Sys.Is(answer, Errno.EINTR));
        if (answer >= 0)
            return new SupervisorConnection(socket, runFolder);
        socket.Dispose();
        if (Sys.Is(answer, Errno.ENOENT) || Sys.Is(answer, Errno.ECONNREFUSED))
            return null;
        throw new LinuxException(Sys.ErrorOf(answer), "connect to the supervisor in", runFolder);
    }

    /// <summary>Attaches; from now on <see cref="Read"/> gives the streams.</summary>
    /// <exception cref="ContainerException">Refused.</exception>
    public void Attach(bool stdin, bool stdout, bool stderr) =>
        Ask(new ControlRequest { Operation = ControlOperation.Attach, Stdin = stdin, Stdout = stdout, Stderr = stderr });

    /// <summary>Starts a further process. Unless it is detached, <see cref="WaitExit"/> gives its end.</summary>
    /// <param name="process">What to run.</param>
    /// <param name="stdio">Three fds that become its own; empty with a terminal or for /dev/null.</param>
    /// <param name="detach">Whether nobody will wait for it.</param>
    /// <exception cref="ContainerException">It could not be started; see <see cref="Failure"/> for the exit code.</exception>
    public ExecReply Exec(Process process, ReadOnlySpan<int> stdio, bool detach)
    {
        ControlResponse response = Ask(new ControlRequest { Operation = ControlOperation.Exec, Process = process, Detach = detach }, stdio);
        OwnedFd? terminal = _passed;
        _passed = null;
        return new ExecReply(response.Pid ?? 0, terminal);
    }

    /// <summary>Signals the container's first process.</summary>
    /// <exception cref="ContainerException">Refused, or it is gone.</exception>
    public void Signal(int signal) => Ask(new ControlRequest { Operation = ControlOperation.Signal, Signal = signal });

    /// <summary>Asks the container to end, kills it after a time, and waits for its end.</summary>
    /// <param name="signal">The signal; null for the configured one.</param>
    /// <param name="timeoutMs">Milliseconds; negative for ever; null for the configured time.</param>
    /// <param name="cancellation">Ends the connection, not the stop.</param>
    /// <exception cref="ContainerException">Refused.</exception>
    /// <exception cref="OperationCanceledException">It was canceled.</exception>
    public ExitRecord Stop(int? signal = null, int? timeoutMs = null, CancellationToken cancellation = default) =>
        AskForExit(new ControlRequest { Operation = ControlOperation.Stop, Signal = signal, TimeoutMs = timeoutMs }, cancellation);

    /// <summary>
    /// Asks the container to end, kills it after a time, and starts it again. The supervisor does it all: once it has been asked, nothing
    /// hangs on the caller.
    /// </summary>
    /// <param name="signal">The signal; null for the configured one.</param>
    /// <param name="timeoutMs">Milliseconds; negative for ever; null for the configured time.</param>
    /// <exception cref="ContainerException">Refused, or it could not be started, or somebody stopped it meanwhile; Unavailable: the supervisor died.</exception>
    public void Restart(int? signal = null, int? timeoutMs = null) => Ask(new ControlRequest { Operation = ControlOperation.Restart, Signal = signal, TimeoutMs = timeoutMs });

    /// <summary>Waits for the container's end.</summary>
    /// <exception cref="OperationCanceledException">It was canceled.</exception>
    public ExitRecord Wait(CancellationToken cancellation = default) => AskForExit(new ControlRequest { Operation = ControlOperation.Wait }, cancellation);

    /// <summary>Where the container stands.</summary>
    public ContainerRuntimeState State() =>
        Ask(new ControlRequest { Operation = ControlOperation.State }).State ?? throw Unexpected(FrameType.Response);

    /// <summary>Freezes the container.</summary>
    public void Pause() => Ask(new ControlRequest { Operation = ControlOperation.Pause });

    /// <summary>Lets it run again.</summary>
    public void Resume() => Ask(new ControlRequest { Operation = ControlOperation.Resume });

    /// <summary>Empties the log.</summary>
    /// <exception cref="ContainerException">Refused, or it failed.</exception>
    public void ClearLog() => Ask(new ControlRequest { Operation = ControlOperation.ClearLog });

    /// <summary>Lets the supervisor look whether the container gets names from it now. Only needed after a network was connected to a running container.</summary>
    /// <exception cref="ContainerException">It failed.</exception>
    public void ServeNames() => Ask(new ControlRequest { Operation = ControlOperation.ServeNames });

    /// <summary>Lets the supervisor look at which ports it is to listen, after <see cref="ProxiedPorts.Write"/>.</summary>
    /// <exception cref="ContainerException">Conflict: a port is taken; it listens at the others.</exception>
    public void ServePorts() => Ask(new ControlRequest { Operation = ControlOperation.ServePorts });

    /// <summary>Why the last request was refused; null where it was not.</summary>
    public SupervisorFailure? Failure { get; private set; }

    /// <summary>
    /// The next frame after <see cref="Attach"/>: stdout, stderr, or the exit record, which is the last one. The payload is
    /// valid until the next call.
    /// </summary>
    /// <exception cref="ContainerException"><c>Unavailable</c>: the supervisor died.</exception>
    /// <exception cref="OperationCanceledException">It was canceled.</exception>
    public FrameType Read(out ReadOnlySpan<byte> payload, CancellationToken cancellation = default)
    {
        using CancellationTokenRegistration registration = cancellation.UnsafeRegister(Hang, _socket);
        while (true)
        {
            FrameStatus status = _received.TryTake(out FrameType type, out payload);
            if (status == FrameStatus.Complete)
                return type;
            if (status == FrameStatus.Malformed)
                throw Unexpected(type);
            if (!Fill())
            {
                cancellation.ThrowIfCancellationRequested();
                throw new ContainerException(ContainerErrorKind.Unavailable, "the supervisor closed the connection");
            }
        }
    }

    /// <summary>Waits for the exit record, passing over streams.</summary>
    /// <exception cref="ContainerException">Refused, or the supervisor died.</exception>
    /// <exception cref="OperationCanceledException">It was canceled.</exception>
    public ExitRecord WaitExit(CancellationToken cancellation = default)
    {
        while (true)
        {
            FrameType type = Read(out ReadOnlySpan<byte> payload, cancellation);
            if (type == FrameType.Exit)
                return ExitRecord.Read(payload);
            if (type == FrameType.Response)
                ThrowIfRefused(ControlResponse.Read(payload));
        }
    }

    /// <summary>Sends bytes to the container's stdin; blocks while the container does not read.</summary>
    /// <returns>Whether the supervisor was there to take them.</returns>
    public bool WriteStdin(ReadOnlySpan<byte> bytes)
    {
        bool sent = true;
        for (; sent && !bytes.IsEmpty; bytes = bytes[Math.Min(bytes.Length, Frame.MaxStream)..])
            sent = TrySend(Frame.Of(FrameType.Stdin, bytes[..Math.Min(bytes.Length, Frame.MaxStream)]), []);
        return sent;
    }

    /// <summary>Ends the container's stdin.</summary>
    public bool EndStdin() => TrySend(Frame.Of(FrameType.StdinEnd, []), []);

    /// <summary>Gives the container's terminal a new size.</summary>
    public bool Resize(ushort rows, ushort columns) => TrySend(Frame.OfSize(rows, columns), []);

    /// <summary>Ends the streams; the connection stays.</summary>
    public bool Detach() => TrySend(Frame.Of(FrameType.Detach, []), []);

    /// <inheritdoc/>
    public void Dispose()
    {
        _passed?.Dispose();
        _socket.Dispose();
    }

    private static void Hang(object? socket) => _ = Sys.shutdown(((OwnedFd)socket!).Value, SHUT.RDWR); // ignored: a connection that is gone needs no end

    private static ContainerException Unexpected(FrameType type) =>
        new(ContainerErrorKind.Internal, $"the supervisor sent a frame of type {(int)type} that was not due");

    // A container that ends while we connect: its supervisor has written the record before it closed the socket.
    private ExitRecord AskForExit(ControlRequest request, CancellationToken cancellation)
    {
        try
        {
            Send(request);
            return WaitExit(cancellation);
        }
        catch (ContainerException gone) when (gone.Kind == ContainerErrorKind.Unavailable && ExitRecord.TryReadIn(_runFolder) is { } record)
        {
            return record;
        }
    }

    private ControlResponse Ask(ControlRequest request, ReadOnlySpan<int> fds = default)
    {
        Send(request, fds);
        FrameType type = Read(out ReadOnlySpan<byte> payload);
        if (type != FrameType.Response)
            throw Unexpected(type);
        ControlResponse response = ControlResponse.Read(payload);
        ThrowIfRefused(response);
        return response;
    }

    private void ThrowIfRefused(ControlResponse response)
    {
        Failure = response.Failure;
        if (Failure is { } failure)
            throw failure.ToException();
    }

    private void Send(ControlRequest request, ReadOnlySpan<int> fds = default)
    {
        byte[] document = request.ToBytes();
        if (document.Length > Frame.MaxDocument)
            throw new ContainerException(ContainerErrorKind.InvalidArgument, $"a request of {document.Length} bytes is longer than {Frame.MaxDocument}");
        if (!TrySend(Frame.Of(FrameType.Request, document), fds))
            throw new ContainerException(ContainerErrorKind.Unavailable, "the supervisor closed the connection");
    }

    private bool TrySend(ReadOnlySpan<byte> frame, ReadOnlySpan<int> fds)
    {
        lock (_sending)
        {
            while (!frame.IsEmpty)
            {
                nint sent = Sys.SendWithFds(_socket.Value, frame, fds, MSG.NOSIGNAL);
                if (Sys.Is(sent, Errno.EINTR))
                    continue;
                if (Sys.Is(sent, Errno.EPIPE) || Sys.Is(sent, Errno.ECONNRESET))
                    return false;
                LinuxException.ThrowIfError(sent, "send to the supervisor");
                frame = frame[(int)sent..];
                fds = [];
            }
            return true;
        }
    }

    private bool Fill()
    {
        Span<int> fds = stackalloc int[1];
        nint got;
        int received;
        do
            got = Sys.ReceiveWithFds(_socket.Value, _received.Space(), fds, out received, 0);
        while (Sys.Is(got, Errno.EINTR));
        if (received > 0)
        {
            _passed?.Dispose();
            _passed = new OwnedFd(fds[0]);
        }
        if (got == 0 || Sys.Is(got, Errno.ECONNRESET))
            return false;
        LinuxException.ThrowIfError(got, "receive from the supervisor");
        _received.Received((int)got);
        return true;
    }
}

using Rundlet.Linux;
using Rundlet.Syscalls;

namespace Rundlet.Runtime.Supervision;

/// <summary>
/// The engine's end of a launch line; see <see cref="LaunchMessage"/> for the order of calls. Disposing it before
/// <see cref="Start"/> has come back makes the supervisor undo everything. Not safe for several threads.
/// </summary>
public sealed class SupervisorLaunch : IDisposable
{
    private readonly OwnedFd _line;
    private readonly string _containerFolder;
    private OwnedFd? _passed;

    private SupervisorLaunch(OwnedFd line, int pid, string containerFolder)
    {
        _line = line;
        _containerFolder = containerFolder;
        SupervisorPid = pid;
    }

    /// <summary>The supervisor.</summary>
    public int SupervisorPid { get; }

    /// <summary>What the supervisor said, with the exit code that <c>run</c> ends with; null unless it failed.</summary>
    public SupervisorFailure? Failure { get; private set; }

    /// <summary>Starts a supervisor. Comes back at once; the supervisor gets ready meanwhile.</summary>
    /// <param name="program">Absolute path of <c>rundlet-supervisor</c>.</param>
    /// <param name="containerFolder">Absolute path of the folder with <c>config.json</c> and <c>supervisor.json</c>; it is the bundle.</param>
    /// <param name="runFolder">Absolute path of an existing folder, mode 0700, for the socket, the state and the exit record.</param>
    /// <exception cref="LinuxException">It could not be started.</exception>
    public static SupervisorLaunch Begin(string program, string containerFolder, string runFolder) => Begin(program, containerFolder, runFolder, []);

    private static SupervisorLaunch Begin(string program, string containerFolder, string runFolder, params ReadOnlySpan<string> more)
    {
        LinuxException.ThrowIfError(Sys.socketpair(AF.UNIX, SOCK.SEQPACKET, out int ours, out int theirs), "socketpair");
        OwnedFd line = new(ours);
        using OwnedFd other = new(theirs);
        try
        {
            int pid = SupervisorProgram.Start(program, [containerFolder, runFolder, .. more], other);
            return new SupervisorLaunch(line, pid, containerFolder);
        }
        catch
        {
            line.Dispose();
            throw;
        }
    }

    /// <summary>Starts a supervisor for a container that runs without one, and waits until it has taken it over.</summary>
    /// <param name="program">Absolute path of <c>rundlet-supervisor</c>.</param>
    /// <param name="containerFolder">As for <see cref="Begin"/>.</param>
    /// <param name="runFolder">As for <see cref="Begin"/>, with the state that the last supervisor has left.</param>
    /// <returns>The supervisor's pid.</returns>
    /// <exception cref="LinuxException">It could not be started.</exception>
    /// <exception cref="Rundlet.Linux.ContainerException">NotFound: the container has ended; Conflict: it has a supervisor; else why not.</exception>
    public static int Adopt(string program, string containerFolder, string runFolder)
    {
        using SupervisorLaunch launch = Begin(program, containerFolder, runFolder, SupervisorProgram.AdoptArgument);
        launch.Expect(LaunchStep.Started, default);
        return launch.SupervisorPid;
    }

    /// <summary>
    /// A user namespace with a container's ids, in which nobody lives: for mounts that show what the container would see. Only a program of
    /// one thread can make one.
    /// </summary>
    /// <param name="program">Absolute path of <c>rundlet-supervisor</c>.</param>
    /// <param name="containerFolder">As for <see cref="Begin"/>.</param>
    /// <param name="runFolder">As for <see cref="Begin"/>; it need not be there.</param>
    /// <exception cref="LinuxException">It could not be started.</exception>
    /// <exception cref="Rundlet.Linux.ContainerException">The kernel refused; InvalidArgument: the container has the host's ids.</exception>
    public static OwnedFd OpenUsers(string program, string containerFolder, string runFolder)
    {
        using SupervisorLaunch launch = Begin(program, containerFolder, runFolder, SupervisorProgram.UsersArgument);
        launch.Expect(LaunchStep.Users, default);
        OwnedFd users = launch._passed ?? throw new ContainerException(ContainerErrorKind.Internal, $"the supervisor of '{containerFolder}' handed nothing over");
        launch._passed = null;
        return users;
    }

    /// <summary>Hands the network namespace over.</summary>
    /// <param name="networkNamespace">An fd of it; null to follow the spec (a new one that stays empty, or the host's).</param>
    /// <param name="restartCount">How often the restart policy has started this container again, this time included; 0 for a start by a user.</param>
    /// <exception cref="ContainerException">The supervisor failed or died.</exception>
    public void SendNetwork(OwnedFd? networkNamespace, int restartCount = 0) =>
        Send(new LaunchMessage { Step = LaunchStep.Network, RestartCount = restartCount }, networkNamespace is null ? [] : [networkNamespace.Value]);

    /// <summary>Waits until the container is there. From now on clients may attach.</summary>
    /// <returns>The pid of the container's first process.</returns>
    /// <exception cref="ContainerException">The supervisor could not make it, or died.</exception>
    /// <exception cref="OperationCanceledException">It was canceled; dispose this object.</exception>
    public int WaitCreated(CancellationToken cancellation = default) => Expect(LaunchStep.Created, cancellation).Pid;

    /// <summary>Lets the container start, and waits until it runs.</summary>
    /// <exception cref="ContainerException">It could not start; see <see cref="Failure"/> for the exit code.</exception>
    /// <exception cref="OperationCanceledException">It was canceled; dispose this object.</exception>
    public void Start(CancellationToken cancellation = default)
    {
        Send(new LaunchMessage { Step = LaunchStep.Start }, []);
        Expect(LaunchStep.Started, cancellation);
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _passed?.Dispose();
        _line.Dispose();
    }

    // A supervisor that has already said why it failed no longer listens: its word is read by the next Expect.
    private void Send(LaunchMessage said, ReadOnlySpan<int> fds)
    {
        byte[] message = said.ToBytes();
        nint sent;
        do
            sent = Sys.SendWithFds(_line.Value, message, fds, MSG.NOSIGNAL);
        while (Sys.Is(sent, Errno.EINTR));
        if (Sys.Is(sent, Errno.EPIPE) || Sys.Is(sent, Errno.ECONNRESET))
            return;
        LinuxException.ThrowIfError(sent, "send to the supervisor of", _containerFolder);
    }

    private LaunchMessage Expect(LaunchStep step, CancellationToken cancellation)
    {
        byte[] buffer = new byte[LaunchMessage.MaxLength];
        nint got;
        using (cancellation.UnsafeRegister(static line => _ = Sys.shutdown(((OwnedFd)line!).Value, SHUT.RDWR), _line)) // ignored: a line that is gone needs no end
        {
            got = Receive(buffer);
            // A supervisor that failed did not read what it was sent: that is told first, and then its last word.
            if (Sys.Is(got, Errno.ECONNRESET))
                got = Receive(buffer);
        }
        cancellation.ThrowIfCancellationRequested();
        if (got == 0 || Sys.Is(got, Errno.ECONNRESET))
            throw new ContainerException(ContainerErrorKind.Internal, $"the supervisor of '{_containerFolder}' died") { Hint = "look for an out-of-memory kill in the kernel's log" };
        LinuxException.ThrowIfError(got, "receive from the supervisor of", _containerFolder);
        LaunchMessage message = LaunchMessage.Read(buffer.AsSpan(0, (int)got));
        if (message.Step == LaunchStep.Failed)
        {
            Failure = message.Failure;
            throw message.Failure!.ToException();
        }
        return message.Step == step
            ? message
            : throw new ContainerException(ContainerErrorKind.Internal, $"the supervisor said '{message.Step}' when '{step}' was due");
    }

    private nint Receive(Span<byte> buffer)
    {
        Span<int> fds = stackalloc int[1];
        nint got;
        int received;
        do
            got = Sys.ReceiveWithFds(_line.Value, buffer, fds, out received, 0);
        while (Sys.Is(got, Errno.EINTR));
        if (received > 0)
        {
            _passed?.Dispose();
            _passed = new OwnedFd(fds[0]);
        }
        return got;
    }
}

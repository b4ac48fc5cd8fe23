using System.Globalization;
using System.Text;
using Rundlet.Linux;
using Rundlet.Oci;
using Rundlet.Runtime.State;
using Rundlet.Syscalls;

namespace Rundlet.Runtime;

/// <summary>
/// sd_notify(3) for a container whose caller has a <c>NOTIFY_SOCKET</c>: the program gets a socket of ours, in a folder of
/// the container's state that is mounted on <c>/run/notify</c>, and what it says there is passed on as far as it is about
/// the service. It never reaches the caller's socket itself, on which it could name another process or hand over files.
/// </summary>
public sealed class NotifySocket : IDisposable
{
    /// <summary>The folder in the container's state folder.</summary>
    internal const string Folder = "notify";

    /// <summary>The socket in it.</summary>
    internal const string FileName = "notify.sock";

    private const string Inside = "/run/notify";
    private const int MaxDatagram = 4096;

    private static readonly string[] s_passed = ["READY=1", "RELOADING=1", "STOPPING=1", "MONOTONIC_USEC=", "STATUS=", "WATCHDOG=1", "EXTEND_TIMEOUT_USEC="];

    private readonly OwnedFd _inner;
    private readonly OwnedFd _outer;
    private readonly byte[] _address;

    private NotifySocket(OwnedFd inner, OwnedFd outer, byte[] address)
    {
        _inner = inner;
        _outer = outer;
        _address = address;
    }

    /// <summary>The caller's socket, a path or <c>@</c> and an abstract name; null where there is none.</summary>
    public static string? Host => Environment.GetEnvironmentVariable("NOTIFY_SOCKET") is { Length: > 1 } host && host[0] is '/' or '@' ? host : null;

    /// <summary>The socket to poll.</summary>
    public int Fd => _inner.Value;

    /// <summary>Mounts the folder into the container and tells its program.</summary>
    internal static void AddTo(Spec spec, string folder)
    {
        (spec.Mounts ??= []).Add(new Mount { Destination = Inside, Type = "bind", Source = folder, Options = ["bind", "nosuid", "nodev", "noexec", "ro"] });
        if (spec.Process is { } process)
        {
            process.Env = [.. process.Env ?? []];
            process.Env.RemoveAll(variable => variable.StartsWith("NOTIFY_SOCKET=", StringComparison.Ordinal));
            process.Env.Add($"NOTIFY_SOCKET={Inside}/{FileName}");
        }
    }

    /// <summary>Opens the container's socket, before its program starts; null where it was created without.</summary>
    /// <param name="store">The state folder.</param>
    /// <param name="id">The container.</param>
    /// <param name="host">See <see cref="Host"/>.</param>
    /// <exception cref="ContainerException">There is no such container, or the caller's socket is impossible.</exception>
    /// <exception cref="LinuxException">The kernel refused.</exception>
    public static NotifySocket? Open(StateStore store, string id, string host)
    {
        using ContainerFolder container = store.OpenUnlocked(id);
        int answer = Sys.openat(container.Fd, Folder, O.PATH | O.DIRECTORY | O.NOFOLLOW);
        if (Sys.Is(answer, Errno.ENOENT))
            return null;
        using OwnedFd folder = OwnedFd.FromAnswer(answer, "open", Folder);
        byte[] address = AddressOf(host);
        OwnedFd inner = OwnedFd.FromAnswer(Sys.socket(AF.UNIX, SOCK.DGRAM, 0), "socket");
        try
        {
            _ = Sys.unlinkat(folder.Value, FileName, 0); // ignored: only a start that was killed leaves one
            // By the folder's fd: the path of a state folder may be longer than an address takes. Any user of the container may write.
            int mask = Sys.umask(0);
            int bound = Sys.bind(inner.Value, AddressOf($"/proc/self/fd/{folder.Value}/{FileName}"));
            Sys.umask((uint)mask);
            LinuxException.ThrowIfError(bound, "bind", FileName);
            return new NotifySocket(inner, OwnedFd.FromAnswer(Sys.socket(AF.UNIX, SOCK.DGRAM, 0), "socket"), address);
        }
        catch
        {
            inner.Dispose();
            throw;
        }
    }

    /// <summary>Passes on until the program is ready or has ended.</summary>
    /// <param name="pidfd">The program.</param>
    /// <param name="pid">Its pid, which the caller's service manager is to watch from then on.</param>
    /// <exception cref="LinuxException">The kernel refused.</exception>
    public void AwaitReady(OwnedFd pidfd, int pid)
    {
        Span<pollfd> fds = stackalloc pollfd[2];
        while (true)
        {
            fds[0] = new pollfd { fd = Fd, events = POLL.IN };
            fds[1] = new pollfd { fd = pidfd.Value, events = POLL.IN };
            int ready = Sys.poll(fds, -1);
            if (Sys.Is(ready, Errno.EINTR))
                continue;
            LinuxException.ThrowIfError(ready, "poll", FileName);
            if (fds[0].revents != 0 ? Pass(pid) : fds[1].revents != 0)
                return;
        }
    }

    /// <summary>Takes one message and passes on what may be.</summary>
    /// <param name="pid">The pid to tell with readiness; 0 for none.</param>
    /// <returns>Whether it said that the program is ready.</returns>
    public bool Pass(int pid)
    {
        byte[] buffer = new byte[MaxDatagram];
        nint got = Sys.recv(_inner.Value, buffer, MSG.DONTWAIT);
        if (got <= 0)
            return false;
        StringBuilder passed = new();
        bool ready = false;
        foreach (string line in Encoding.UTF8.GetString(buffer, 0, (int)got).Split('\n'))
        {
            if (!MayPass(line))
                continue;
            if (line == "READY=1")
            {
                ready = true;
                if (pid > 0)
                    passed.Append(CultureInfo.InvariantCulture, $"MAINPID={pid}\n");
            }
            passed.Append(line).Append('\n');
        }
        if (passed.Length > 0)
            _ = Sys.sendto(_outer.Value, Encoding.UTF8.GetBytes(passed.ToString()), MSG.NOSIGNAL, _address); // ignored: a service manager that is gone is no reason to stop
        return ready;
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _inner.Dispose();
        _outer.Dispose();
    }

    private static bool MayPass(string line)
    {
        foreach (string passed in s_passed)
        {
            if (line == passed || (passed[^1] == '=' && line.StartsWith(passed, StringComparison.Ordinal)))
                return true;
        }
        return false;
    }

    // unix(7): a path ends with a NUL, an abstract name begins with one and has no end.
    internal static byte[] AddressOf(string name)
    {
        byte[] text = Encoding.UTF8.GetBytes(name);
        if (text.Length > 107)
            throw new ContainerException(ContainerErrorKind.InvalidArgument, $"NOTIFY_SOCKET: '{name}' is longer than 107 bytes");
        bool isAbstract = text[0] == '@';
        byte[] address = new byte[2 + text.Length + (isAbstract ? 0 : 1)];
        BitConverter.TryWriteBytes(address, (ushort)AF.UNIX);
        text.CopyTo(address, 2);
        if (isAbstract)
            address[2] = 0;
        return address;
    }
}

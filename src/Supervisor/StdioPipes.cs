using Rundlet.Linux;
using Rundlet.Oci;
using Rundlet.Syscalls;

namespace Rundlet.Supervisor;

/// <summary>
/// The pipes that become a container's stdio, made before it. They belong to the container's user, so that the program may
/// open <c>/dev/stdout</c> again.
///
/// They have names in the run folder, fifo(7), and the container's ends of its output are open for reading too: when the supervisor is
/// killed there is still a reader, so a program that writes is not told EPIPE but waits, once the pipe is full, until another
/// supervisor has opened it by name. Stdin cannot have that: a writer at the container's end would keep it from ever ending.
/// </summary>
internal sealed class StdioPipes : IDisposable
{
    private const int Nothing = 0; // the supervisor's own stdin is /dev/null
    private const string StdinName = "stdin";
    private const string StdoutName = "stdout";
    private const string StderrName = "stderr";
    private const uint Mode = 0x180; // 0600
    private const int OursToRead = O.RDONLY | O.NONBLOCK | O.NOFOLLOW;
    private const int OursToWrite = O.WRONLY | O.NONBLOCK | O.NOFOLLOW;

    private readonly List<OwnedFd> _theirs = [];

    private StdioPipes(OwnedFd stdout, OwnedFd stderr)
    {
        Stdout = stdout;
        Stderr = stderr;
    }

    /// <summary>The container's three ends; none for adopted ones.</summary>
    public IReadOnlyList<int> Container { get; private init; } = [];

    /// <summary>Our end of stdin; null where it is /dev/null.</summary>
    public OwnedFd? Stdin { get; private init; }

    /// <summary>Our end of stdout.</summary>
    public OwnedFd Stdout { get; }

    /// <summary>Our end of stderr.</summary>
    public OwnedFd Stderr { get; }

    /// <summary>Makes them, in place of those of an earlier life.</summary>
    /// <param name="runFolder">Where.</param>
    /// <param name="spec">For the user and the label.</param>
    /// <param name="openStdin">Whether stdin is a pipe too.</param>
    /// <exception cref="LinuxException">The kernel refused.</exception>
    public static StdioPipes Make(OwnedFd runFolder, Spec spec, bool openStdin)
    {
        Remove(runFolder);
        OwnedFd? stdin = openStdin ? MakeOne(runFolder, StdinName, spec) : null;
        OwnedFd output = MakeOne(runFolder, StdoutName, spec);
        OwnedFd error = MakeOne(runFolder, StderrName, spec);
        // The end that was made with the pipe is open both ways: with it there, no other open waits for its counterpart.
        OwnedFd? theirStdin = stdin is null ? null : FileIo.Open(runFolder.Value, StdinName, O.RDONLY | O.NOFOLLOW);
        StdioPipes pipes = new(FileIo.Open(runFolder.Value, StdoutName, OursToRead), FileIo.Open(runFolder.Value, StderrName, OursToRead))
        {
            Stdin = stdin is null ? null : FileIo.Open(runFolder.Value, StdinName, OursToWrite),
            Container = [theirStdin?.Value ?? Nothing, output.Value, error.Value],
        };
        stdin?.Dispose();
        pipes._theirs.AddRange(theirStdin is null ? [output, error] : [theirStdin, output, error]);
        return pipes;
    }

    /// <summary>Opens those of a running container; null where it has none.</summary>
    /// <param name="runFolder">Where they are.</param>
    /// <param name="withStdin">Whether stdin is wanted; a container that has closed it has none.</param>
    /// <exception cref="LinuxException">The kernel refused.</exception>
    public static StdioPipes? TryOpen(OwnedFd runFolder, bool withStdin)
    {
        int output = Sys.openat(runFolder.Value, StdoutName, OursToRead);
        if (Sys.Is(output, Errno.ENOENT))
            return null;
        OwnedFd stdout = OwnedFd.FromAnswer(output, "open", StdoutName);
        int input = withStdin ? Sys.openat(runFolder.Value, StdinName, OursToWrite) : -1;
        return new StdioPipes(stdout, FileIo.Open(runFolder.Value, StderrName, OursToRead)) { Stdin = input < 0 ? null : new OwnedFd(input) };
    }

    /// <summary>Takes their names out of the run folder.</summary>
    public static void Remove(OwnedFd runFolder)
    {
        foreach (string name in (ReadOnlySpan<string>)[StdinName, StdoutName, StderrName])
            _ = Sys.unlinkat(runFolder.Value, name, 0); // ignored: absent as a rule; else making it says so
    }

    /// <summary>Makes reads and writes come back at once.</summary>
    public static OwnedFd Ours(OwnedFd fd)
    {
        int flags = LinuxException.ThrowIfError(Sys.fcntl(fd.Value, F.GETFL), "fcntl");
        LinuxException.ThrowIfError(Sys.fcntl(fd.Value, F.SETFL, flags | O.NONBLOCK), "fcntl");
        return fd;
    }

    /// <summary>Closes the container's ends in this process, and those of ours that nobody has taken over.</summary>
    public void Dispose()
    {
        foreach (OwnedFd fd in _theirs)
            fd.Dispose();
        Stdin?.Dispose();
        Stdout.Dispose();
        Stderr.Dispose();
    }

    private static OwnedFd MakeOne(OwnedFd runFolder, string name, Spec spec)
    {
        LinuxException.ThrowIfError(Sys.mknodat(runFolder.Value, name, S.IFIFO | Mode, 0), "make the pipe", name);
        OwnedFd fd = FileIo.Open(runFolder.Value, name, O.RDWR | O.NOFOLLOW);
        uint owner = HostUid(spec);
        if (owner != Sys.geteuid())
            _ = Sys.fchownat(fd.Value, "", owner, uint.MaxValue, AT.EMPTY_PATH); // ignored: without the right, the program just cannot open /dev/stdout again
        // A file with a name is the run folder's by its label, where a pipe without one would be the container's.
        if (spec.Linux?.MountLabel is { Length: > 0 } label)
            LinuxException.ThrowIfError(Sys.fsetxattr(fd.Value, "security.selinux", System.Text.Encoding.UTF8.GetBytes(label + '\0')), "label the pipe", name);
        return fd;
    }

    private static uint HostUid(Spec spec)
    {
        uint uid = spec.Process?.User.Uid ?? 0;
        foreach (IdMapping map in spec.Linux?.UidMappings ?? [])
        {
            if (uid >= map.ContainerId && uid - map.ContainerId < map.Size)
                return map.HostId + (uid - map.ContainerId);
        }
        return uid;
    }
}

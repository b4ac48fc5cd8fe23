using Rundlet.Linux;
using Rundlet.Oci;
using Rundlet.Syscalls;

namespace Rundlet.Supervisor;

/// <summary>
/// The pipes that become a container's stdio, made before it. They belong to the container's user, so that the program may
/// open <c>/dev/stdout</c> again.
/// </summary>
internal sealed class StdioPipes : IDisposable
{
    private const int Nothing = 0; // the supervisor's own stdin is /dev/null

    private readonly List<OwnedFd> _theirs = [];

    /// <summary>Makes them.</summary>
    /// <param name="spec">For the user.</param>
    /// <param name="openStdin">Whether stdin is a pipe too.</param>
    public StdioPipes(Spec spec, bool openStdin)
    {
        uint owner = HostUid(spec);
        int[] stdio = [Nothing, 0, 0];
        if (openStdin)
        {
            (OwnedFd reading, OwnedFd writing) = Pipe(owner);
            stdio[0] = Theirs(reading);
            Stdin = Ours(writing);
        }
        (OwnedFd output, OwnedFd outputWriting) = Pipe(owner);
        (OwnedFd error, OwnedFd errorWriting) = Pipe(owner);
        stdio[1] = Theirs(outputWriting);
        stdio[2] = Theirs(errorWriting);
        Stdout = Ours(output);
        Stderr = Ours(error);
        Container = stdio;
    }

    /// <summary>The container's three ends.</summary>
    public IReadOnlyList<int> Container { get; }

    /// <summary>Our end of stdin; null where it is /dev/null.</summary>
    public OwnedFd? Stdin { get; }

    /// <summary>Our end of stdout.</summary>
    public OwnedFd Stdout { get; }

    /// <summary>Our end of stderr.</summary>
    public OwnedFd Stderr { get; }

    /// <summary>Makes reads and writes come back at once.</summary>
    public static OwnedFd Ours(OwnedFd fd)
    {
        int flags = LinuxException.ThrowIfError(Sys.fcntl(fd.Value, F.GETFL), "fcntl");
        LinuxException.ThrowIfError(Sys.fcntl(fd.Value, F.SETFL, flags | O.NONBLOCK), "fcntl");
        return fd;
    }

    /// <summary>Closes the container's ends in this process.</summary>
    public void Dispose()
    {
        foreach (OwnedFd fd in _theirs)
            fd.Dispose();
    }

    private int Theirs(OwnedFd fd)
    {
        _theirs.Add(fd);
        return fd.Value;
    }

    private static (OwnedFd Reading, OwnedFd Writing) Pipe(uint owner)
    {
        LinuxException.ThrowIfError(Sys.pipe2(out int reading, out int writing, 0), "pipe2");
        if (owner != Sys.geteuid())
            _ = Sys.fchownat(writing, "", owner, uint.MaxValue, AT.EMPTY_PATH); // ignored: without the right, the program just cannot open /dev/stdout again
        return (new OwnedFd(reading), new OwnedFd(writing));
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

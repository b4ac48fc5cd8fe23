using Rundlet.Dns.Inside;
using Rundlet.Dns.Names;
using Rundlet.Dns.Serving;
using Rundlet.Linux;
using Rundlet.Syscalls;

namespace Rundlet.Supervisor;

/// <summary>
/// The names of other containers, for a container on a user-defined network: a resolver at 127.0.0.11 inside its network namespace. It stays for all
/// lives of the container, as the namespace does. Without such a network there is none, and nothing is done.
/// </summary>
internal sealed class NamesDuty(EventLoop loop, Folders folders, ContainerDuty container) : IDisposable
{
    // What the kernel refuses, it refuses many times: a line for each would fill the run folder.
    private const long NoteEveryMs = 60_000;

    private Resolver? _resolver;
    private long _nextNote;

    /// <summary>Serves names where the run folder says so, unless it is done already.</summary>
    /// <param name="adopts">Whether a supervisor before this one may have done it.</param>
    /// <exception cref="ContainerException">It cannot be done.</exception>
    public void Begin(bool adopts = false)
    {
        if (_resolver is not null || container.Network is not { } network)
            return;
        if (Sys.faccessat2(folders.Run.Value, ResolverConfig.FileName, 0, 0) < 0)
            return; // on no user-defined network
        try
        {
            _resolver = InsideResolver.Open(network, folders.RunPath, new RunningContainers(container.Config.Id, folders.RunPath).Runs, adopts);
        }
        catch (LinuxException refused)
        {
            throw new ContainerException(ContainerErrorKind.Internal, $"serve names to container '{container.Config.Id}'", refused);
        }
        loop.Add(_resolver.Fd, EPOLL.IN, _ => Turn());
    }

    /// <summary>As <see cref="Begin"/>, for a container that runs: it runs on without names where that fails.</summary>
    public void TryBegin(bool adopts = false)
    {
        try
        {
            Begin(adopts);
        }
        catch (ContainerException failed)
        {
            Trouble.Note(folders.Run, failed.Message);
        }
    }

    /// <inheritdoc/>
    public void Dispose() => _resolver?.Dispose();

    private void Turn()
    {
        try
        {
            _resolver!.Turn();
        }
        catch (LinuxException refused)
        {
            long now = Environment.TickCount64;
            if (now < _nextNote)
                return;
            _nextNote = now + NoteEveryMs;
            Trouble.Note(folders.Run, $"names: {refused.Message}");
        }
    }
}

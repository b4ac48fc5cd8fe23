using Rundlet.Linux;
using Rundlet.Runtime.Supervision;
using Rundlet.Supervisor.Proxy;
using Rundlet.Syscalls;

namespace Rundlet.Supervisor;

/// <summary>
/// Published ports that the kernel cannot lead into the container: the supervisor listens there. It does so for all lives of the container and
/// between them, so that nobody else gets the port. A container without such ports costs one look at a file that is not there.
/// </summary>
internal sealed class PortsDuty(EventLoop loop, Folders folders, ContainerDuty container) : IDisposable
{
    // Whoever had the port may be about to leave: a supervisor that was killed, for one.
    private const int AgainMs = 500;
    private const int Attempts = 60;

    private PortProxy? _proxy;
    private Timer? _again;
    private int _failures;

    /// <summary>Listens where the run folder says so, and nowhere else.</summary>
    /// <exception cref="ContainerException">A port is taken, or cannot be had; the others are served.</exception>
    public void Begin()
    {
        if (_proxy is null && Sys.faccessat2(folders.Run.Value, ProxiedPorts.FileName, 0, 0) < 0)
            return;
        _proxy ??= new PortProxy(loop);
        try
        {
            _proxy.Set(ProxiedPorts.Read(folders.RunPath));
        }
        catch (LinuxException refused)
        {
            throw new ContainerException(ContainerErrorKind.Internal, $"listen at ports for container '{container.Config.Id}'", refused);
        }
    }

    /// <summary>As <see cref="Begin"/>, for a container that runs: it runs on where that fails, and what failed is tried again for a while.</summary>
    public void TryBegin()
    {
        _failures = 0;
        Try();
    }

    /// <summary>Listens no more: the container has ended for good, and others may have its ports.</summary>
    public void End() => Dispose();

    /// <inheritdoc/>
    public void Dispose()
    {
        _again?.Dispose();
        _proxy?.Dispose();
        (_again, _proxy) = (null, null);
    }

    private void Try()
    {
        try
        {
            Begin();
        }
        catch (ContainerException failed)
        {
            if (_failures++ == 0)
                Trouble.Note(folders.Run, failed.Message);
            if (_failures >= Attempts)
                return;
            _again ??= new Timer(loop, Try);
            _again.Arm(AgainMs);
        }
    }
}

using Rundlet.Linux;
using Rundlet.Linux.Netlink;
using Rundlet.Syscalls;

namespace Rundlet.Dns.Serving;

/// <summary>
/// Makes sockets in a container's network namespace or in the host's, on the one thread that there is: it goes over when it must, and comes
/// back with <see cref="Return"/>, which whoever uses it calls before the thread does anything else.
/// </summary>
public sealed class NamespaceSwitch : IDisposable
{
    private readonly OwnedFd? _inside;
    private readonly OwnedFd? _host;
    private bool _isInside;

    /// <summary>Stays in the host's.</summary>
    public NamespaceSwitch()
    {
    }

    /// <summary>Goes between a container's and the thread's own.</summary>
    /// <param name="inside">The container's; stays the caller's.</param>
    /// <exception cref="LinuxException">The kernel refused.</exception>
    public NamespaceSwitch(OwnedFd inside)
    {
        _inside = inside;
        _host = NetworkNamespace.OpenOwn();
    }

    /// <summary>Goes where it is told, unless it is there.</summary>
    /// <exception cref="LinuxException">The kernel refused.</exception>
    public void Enter(bool inside)
    {
        if (_inside is null || inside == _isInside)
            return;
        LinuxException.ThrowIfError(Sys.setns((inside ? _inside : _host!).Value, CLONE.NEWNET), "setns", inside ? "the container's network" : "the host's network");
        _isInside = inside;
    }

    /// <summary>Comes back to the host's.</summary>
    /// <exception cref="LinuxException">The kernel refused.</exception>
    public void Return() => Enter(inside: false);

    /// <inheritdoc/>
    public void Dispose() => _host?.Dispose();
}

using Rundlet.Linux;
using Rundlet.Linux.Netlink;
using Rundlet.Linux.Netlink.Route;
using Rundlet.Oci;
using Rundlet.Syscalls;

namespace Rundlet.Runtime;

/// <summary>
/// Network devices of the host in a container's network namespace (<c>linux.netDevices</c>): moved, renamed, with their
/// lasting addresses, and up. When the container comes to nothing they go back. When it ends, the kernel decides: hardware
/// returns to the host's first namespace, a virtual device ends with the container's.
/// </summary>
internal sealed class NetDevices : IDisposable
{
    private readonly OwnedFd _target;
    private readonly OwnedFd _own;
    private readonly RouteSocket _here;
    private readonly RouteSocket _there;
    private readonly List<Moved> _moved = [];

    private NetDevices(int pid)
    {
        _own = NetworkNamespace.OpenOwn();
        _target = FileIo.Open(Sys.AT_FDCWD, $"/proc/{pid}/ns/net", O.RDONLY);
        _here = RouteSocket.Open();
        _there = RouteSocket.OpenIn(_target);
    }

    /// <summary>Moves devices.</summary>
    /// <param name="pid">A process in the namespace, a child of the caller.</param>
    /// <param name="devices">By name on the host.</param>
    /// <exception cref="ContainerException">A device is missing, or its name is taken; those that had been moved are back.</exception>
    /// <exception cref="LinuxException">The kernel refused; as above.</exception>
    public static NetDevices Move(int pid, Dictionary<string, NetDevice> devices)
    {
        NetDevices all = new(pid);
        try
        {
            foreach ((string name, NetDevice device) in devices)
                all.Move(name, device.Name is { Length: > 0 } given ? given : name);
            return all;
        }
        catch
        {
            all.Restore();
            all.Dispose();
            throw;
        }
    }

    /// <summary>Takes all of them back, the last one first. What fails is left: this runs after a failure, which is the one to tell.</summary>
    public void Restore()
    {
        for (int i = _moved.Count - 1; i >= 0; i--)
        {
            Moved moved = _moved[i];
            try
            {
                _there.MoveLink(moved.Inside, moved.Outside.Name, _own);
                if (_here.TryGetLink(moved.Outside.Name) is { } back)
                    _here.Restore(back, moved.Addresses, moved.Outside.IsUp);
            }
            catch (LinuxException left)
            {
                _ = left; // ignored: as above
            }
        }
        _moved.Clear();
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _there.Dispose();
        _here.Dispose();
        _target.Dispose();
        _own.Dispose();
    }

    private void Move(string name, string newName)
    {
        Link link = _here.TryGetLink(name)
            ?? throw new ContainerException(ContainerErrorKind.NotFound, $"linux.netDevices: the host has no network device '{name}'");
        bool isPattern = newName.Contains('%');
        if (!isPattern && _there.TryGetLink(newName) is not null)
            throw new ContainerException(ContainerErrorKind.AlreadyExists, $"linux.netDevices: the container has a network device '{newName}' already") { Hint = $"give '{name}' another name, such as eth%d" };
        List<LastingAddress> addresses = _here.ListLastingAddresses(link.Index);
        List<Link> before = _there.ListLinks();
        try
        {
            _here.MoveLink(link, newName, _target);
        }
        catch (LinuxException)
        {
            if (FindNew(before) is { } half)
                _moved.Add(new Moved(link, half, addresses)); // moved, but not renamed
            throw;
        }
        Link inside = FindNew(before) ?? throw new ContainerException(ContainerErrorKind.Internal, $"linux.netDevices: '{name}' did not arrive in the container");
        _moved.Add(new Moved(link, inside, addresses));
        _there.Restore(inside, addresses, up: true);
    }

    private Link? FindNew(List<Link> before)
    {
        foreach (Link link in _there.ListLinks())
        {
            if (!before.Exists(other => other.Index == link.Index))
                return link;
        }
        return null;
    }

    private sealed record Moved(Link Outside, Link Inside, List<LastingAddress> Addresses);
}

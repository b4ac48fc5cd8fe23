using Rundlet.Linux;
using Rundlet.Runtime.Supervision;
using Rundlet.Syscalls;

namespace Rundlet.Supervisor.Proxy;

// What belongs in this folder: published ports that no rule of the kernel leads into the container, and the copying that they cost.
//
//   PortProxy ──► StreamProxy ───► StreamRelay, a connection ──► OneWay, twice ──► Pipe
//             └─► DatagramProxy ─► DatagramFlow, a client

/// <summary>Listens at ports of the host and leads what comes there into the container.</summary>
/// <param name="loop">Where it is told what happens.</param>
internal sealed class PortProxy(EventLoop loop) : IDisposable
{
    private readonly StreamProxy _streams = new(loop);
    private readonly DatagramProxy _datagrams = new(loop);
    private readonly List<ProxiedPort> _ports = [];

    /// <summary>Whether it listens at all.</summary>
    public bool Listens => _ports.Count > 0;

    /// <summary>Connections and clients that there are.</summary>
    public int Count => _streams.Count + _datagrams.Count;

    /// <summary>
    /// Listens at these ports and no others; what is the same as before stays untouched. Where one fails, the others are as they should be.
    /// </summary>
    /// <exception cref="ContainerException">Conflict: a port is taken.</exception>
    /// <exception cref="LinuxException">The kernel refused.</exception>
    public void Set(IReadOnlyList<ProxiedPort> wanted)
    {
        for (int i = _ports.Count - 1; i >= 0; i--)
        {
            ProxiedPort port = _ports[i];
            if (wanted.Contains(port))
                continue;
            _ports.RemoveAt(i);
            if (port.IsDatagram)
                _datagrams.Remove(port);
            else
                _streams.Remove(port);
        }
        Exception? failure = null;
        foreach (ProxiedPort port in wanted)
        {
            if (_ports.Contains(port))
                continue;
            try
            {
                Add(port);
            }
            catch (Exception refused) when (refused is ContainerException or LinuxException)
            {
                failure ??= refused;
            }
        }
        if (failure is not null)
            throw failure;
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _streams.Dispose();
        _datagrams.Dispose();
        _ports.Clear();
    }

    private void Add(ProxiedPort port)
    {
        OwnedFd socket = ListeningSocket.Open(port);
        if (port.IsDatagram)
            _datagrams.Add(port, socket);
        else
            _streams.Add(port, socket);
        _ports.Add(port);
    }
}

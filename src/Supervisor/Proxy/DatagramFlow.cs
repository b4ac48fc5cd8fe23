using Rundlet.Linux;

namespace Rundlet.Supervisor.Proxy;

/// <summary>What one client sends to one port by UDP, and what comes back: a socket of ours that the container sees as the client.</summary>
/// <param name="listener">Where the client sends to.</param>
/// <param name="client">Its address and port.</param>
/// <param name="reached">
/// The address of ours that it has used, as the control message that makes answers come from there; empty where any will do.
/// </param>
/// <param name="socket">Connected to the container; this one's from now on.</param>
internal sealed class DatagramFlow(OwnedFd listener, in SocketName client, ReadOnlySpan<byte> reached, OwnedFd socket) : IDisposable
{
    private readonly byte[] _reached = reached.ToArray();
    private readonly SocketName _client = client;

    /// <summary>Where the client sends to.</summary>
    public OwnedFd Listener => listener;

    /// <summary>Connected to the container.</summary>
    public OwnedFd Socket => socket;

    /// <summary>The client.</summary>
    public ReadOnlySpan<byte> Client => _client.Bytes;

    /// <summary>What makes answers come from the address that the client knows.</summary>
    public ReadOnlySpan<byte> Reached => _reached;

    /// <summary>When the last datagram came, of either side, by <see cref="Environment.TickCount64"/>.</summary>
    public long LastUsed { get; set; }

    /// <summary>Whether a datagram belongs to it.</summary>
    public bool Is(OwnedFd at, in SocketName from, ReadOnlySpan<byte> to) =>
        ReferenceEquals(at, listener) && from.Bytes.SequenceEqual(_client.Bytes) && to.SequenceEqual(_reached);

    /// <inheritdoc/>
    public void Dispose() => socket.Dispose();
}

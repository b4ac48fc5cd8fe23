using Rundlet.Linux;

namespace Rundlet.Dns.Serving;

/// <summary>Who has asked, and how the answer gets there.</summary>
internal struct Client
{
    /// <summary>The connection's place; -1 for a datagram.</summary>
    public int Connection;

    /// <summary>Which connection in that place.</summary>
    public ushort Generation;

    /// <summary>Where the datagram came from.</summary>
    public SocketName Address;

    /// <summary>Whether it came by TCP.</summary>
    public readonly bool IsStream => Connection >= 0;
}

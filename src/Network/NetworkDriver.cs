namespace Rundlet.Network;

/// <summary>How a network's containers are joined; <c>host</c>, <c>none</c> and another container's are modes of a container, not networks.</summary>
public enum NetworkDriver
{
    /// <summary>A bridge of the host, which is the gateway.</summary>
    Bridge,

    /// <summary>Interfaces beside one of the host's, with hardware addresses of their own.</summary>
    Macvlan,

    /// <summary>Interfaces beside one of the host's, with its hardware address.</summary>
    Ipvlan,
}

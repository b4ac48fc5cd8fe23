namespace Rundlet.Network.Ports;

/// <summary>A transport protocol with ports; the value is its number in an IP header.</summary>
public enum PortProtocol : byte
{
    /// <summary>TCP.</summary>
    Tcp = 6,

    /// <summary>UDP.</summary>
    Udp = 17,

    /// <summary>SCTP.</summary>
    Sctp = 132,
}

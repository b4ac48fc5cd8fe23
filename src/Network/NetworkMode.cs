namespace Rundlet.Network;

/// <summary>What sort of network a container has.</summary>
public enum NetworkMode
{
    /// <summary>An interface in a bridge network.</summary>
    Bridge,

    /// <summary>A loopback interface and nothing else.</summary>
    None,

    /// <summary>The host's own.</summary>
    Host,
}

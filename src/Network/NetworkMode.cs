namespace Rundlet.Network;

/// <summary>What sort of network a container has.</summary>
public enum NetworkMode
{
    /// <summary>Interfaces in networks of ours, whatever their drivers.</summary>
    Bridge,

    /// <summary>A loopback interface and nothing else.</summary>
    None,

    /// <summary>The host's own.</summary>
    Host,
}

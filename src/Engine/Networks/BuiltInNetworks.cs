namespace Rundlet.Engine.Networks;

/// <summary>The networks that are always there. Their ids are the same everywhere, so that nothing needs to be asked to know them.</summary>
public static class BuiltInNetworks
{
    /// <summary>The default network.</summary>
    public const string Bridge = "bridge";

    /// <summary>The host's own interfaces.</summary>
    public const string Host = "host";

    /// <summary>A loopback interface alone.</summary>
    public const string None = "none";

    /// <summary>docker's other word for the default network.</summary>
    public const string Default = "default";

    /// <summary>The id of the default network: SHA-256 of "rundlet network bridge".</summary>
    public const string BridgeId = "6771dfd38b53fc74df38501f45c115c73b4da246fedd170cf8b85b76302d0f90";

    /// <summary>The id of the host's: SHA-256 of "rundlet network host".</summary>
    public const string HostId = "5e432a7915009dc658f9b01d461413cc534e8763caffd9e46f04af010a21d846";

    /// <summary>The id of none: SHA-256 of "rundlet network none".</summary>
    public const string NoneId = "4346914622aed9d8f37c1a83f521aa5a2d6cc3f175ea7a30446c8fb8aa2f79ac";

    /// <summary>Whether a name is one of them; they cannot be made nor removed.</summary>
    public static bool Contains(string name) => name is Bridge or Host or None;

    /// <summary>The id of one of them; null for another name.</summary>
    public static string? IdOf(string name) => name switch
    {
        Bridge or Default => BridgeId,
        Host => HostId,
        None => NoneId,
        _ => null,
    };
}

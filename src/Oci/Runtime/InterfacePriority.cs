namespace Rundlet.Oci;

/// <summary>Priority of traffic on one interface (config-linux.md, Network).</summary>
public sealed class InterfacePriority
{
    /// <summary>Interface.</summary>
    public required string Name { get; set; }

    /// <summary>Priority.</summary>
    public required uint Priority { get; set; }
}

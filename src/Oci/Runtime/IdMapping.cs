namespace Rundlet.Oci;

/// <summary>A range of ids mapped one to one, user_namespaces(7) (config-linux.md, User namespace mappings).</summary>
public sealed class IdMapping
{
    /// <summary>First id inside.</summary>
    public required uint ContainerId { get; set; }

    /// <summary>First id outside.</summary>
    public required uint HostId { get; set; }

    /// <summary>How many.</summary>
    public required uint Size { get; set; }
}

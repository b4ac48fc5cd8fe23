using Rundlet.Oci;

namespace Rundlet.Engine.Cdi;

/// <summary>What a device changes of a container's spec (SPEC.md, "OCI Edits").</summary>
public sealed record CdiEdits
{
    /// <summary>Variables as <c>NAME=value</c>.</summary>
    public IReadOnlyList<string> Environment { get; init; } = [];

    /// <summary>Device nodes.</summary>
    public IReadOnlyList<CdiNode> Nodes { get; init; } = [];

    /// <summary>Network devices of the host, by name there.</summary>
    public IReadOnlyList<(string Host, string Name)> NetDevices { get; init; } = [];

    /// <summary>Mounts.</summary>
    public IReadOnlyList<Mount> Mounts { get; init; } = [];

    /// <summary>Hooks, with the point at which each is run.</summary>
    public IReadOnlyList<(string Point, Hook Hook)> Hooks { get; init; } = [];

    /// <summary>Groups of the program.</summary>
    public IReadOnlyList<uint> AdditionalGids { get; init; } = [];

    /// <summary>Cache and memory bandwidth; null for nothing.</summary>
    public IntelRdt? IntelRdt { get; init; }
}

/// <summary>A device node; what is null is the host's.</summary>
/// <param name="Path">In the container.</param>
/// <param name="HostPath">On the host.</param>
public sealed record CdiNode(string Path, string HostPath)
{
    /// <summary><c>c</c>, <c>b</c>, <c>u</c> or <c>p</c>.</summary>
    public string? Type { get; init; }

    /// <summary>Major number.</summary>
    public long? Major { get; init; }

    /// <summary>Minor number.</summary>
    public long? Minor { get; init; }

    /// <summary>Permission bits.</summary>
    public uint? FileMode { get; init; }

    /// <summary>Letters of <c>r</c>, <c>w</c> and <c>m</c>.</summary>
    public string Permissions { get; init; } = "rwm";

    /// <summary>Owner; null for the program's user.</summary>
    public uint? Uid { get; init; }

    /// <summary>Group; null for the program's.</summary>
    public uint? Gid { get; init; }
}

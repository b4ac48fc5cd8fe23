namespace Rundlet.Oci;

/// <summary>State of a container, as <c>state</c> prints it and hooks get it (runtime.md, State).</summary>
public sealed class ContainerState
{
    /// <summary>Version of the runtime specification the state keeps to.</summary>
    public required string OciVersion { get; set; }

    /// <summary>The container’s id.</summary>
    public required string Id { get; set; }

    /// <summary><c>creating</c>, <c>created</c>, <c>running</c> or <c>stopped</c>; runtimes may have more, such as <c>paused</c>.</summary>
    public required string Status { get; set; }

    /// <summary>The container’s init as the host sees it; absent when there is none.</summary>
    public int? Pid { get; set; }

    /// <summary>Absolute path of the bundle.</summary>
    public required string Bundle { get; set; }

    /// <summary>The spec’s annotations; absent when there are none.</summary>
    public Dictionary<string, string>? Annotations { get; set; }
}

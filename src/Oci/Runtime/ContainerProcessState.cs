namespace Rundlet.Oci;

/// <summary>What a seccomp listener is told along with its fd (config-linux.md, The Container Process State).</summary>
public sealed class ContainerProcessState
{
    /// <summary>Version of the runtime specification it keeps to.</summary>
    public required string OciVersion { get; set; }

    /// <summary>Names of the fds passed, in their order: <c>seccompFd</c>.</summary>
    public List<string>? Fds { get; set; }

    /// <summary>The process that the filter is on, as the runtime sees it.</summary>
    public required int Pid { get; set; }

    /// <summary><c>linux.seccomp.listenerMetadata</c>, as it is.</summary>
    public string? Metadata { get; set; }

    /// <summary>The container.</summary>
    public required ContainerState State { get; set; }
}

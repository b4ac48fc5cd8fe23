namespace Rundlet.Oci;

/// <summary>A namespace to make or join (config-linux.md, Namespaces).</summary>
public sealed class Namespace
{
    /// <summary><c>pid</c>, <c>network</c>, <c>mount</c>, <c>ipc</c>, <c>uts</c>, <c>user</c>, <c>cgroup</c> or <c>time</c>.</summary>
    public required string Type { get; set; }

    /// <summary>File of an existing namespace, absolute; absent makes a new one.</summary>
    public string? Path { get; set; }
}

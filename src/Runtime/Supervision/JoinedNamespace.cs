namespace Rundlet.Runtime.Supervision;

/// <summary>
/// How a spec on disk names the namespace of another container: pids change with each start, so that only the id is written down.
/// The supervisor puts the namespace's real path in its place when it makes the container. No file has such a path: a spec that is used
/// as it is fails.
/// </summary>
public static class JoinedNamespace
{
    /// <summary>Stands in the place of a namespace's word for the memory file system of another container's <c>/dev/shm</c>, as the source of a bind mount.</summary>
    public const string SharedMemory = "shm";

    private const string Prefix = "/.rundlet-container/";

    /// <summary>The path that stands for a namespace.</summary>
    /// <param name="containerId">The container that has it.</param>
    /// <param name="type">The specification's word for it.</param>
    public static string PathOf(string containerId, string type) => $"{Prefix}{containerId}/{type}";

    /// <summary>The container of such a path; null for other paths.</summary>
    public static string? ContainerOf(string? path)
    {
        if (path is null || !path.StartsWith(Prefix, StringComparison.Ordinal))
            return null;
        int end = path.LastIndexOf('/');
        return end > Prefix.Length ? path[Prefix.Length..end] : null;
    }
}

namespace Rundlet.Oci;

/// <summary>One resource limit, setrlimit(2) (config.md, POSIX process).</summary>
public sealed class Rlimit
{
    /// <summary>Name of the limit: <c>RLIMIT_NOFILE</c>.</summary>
    public required string Type { get; set; }

    /// <summary>Limit that the kernel enforces; <see cref="ulong.MaxValue"/> is RLIM_INFINITY.</summary>
    public required ulong Soft { get; set; }

    /// <summary>Ceiling of <see cref="Soft"/>; <see cref="ulong.MaxValue"/> is RLIM_INFINITY.</summary>
    public required ulong Hard { get; set; }
}

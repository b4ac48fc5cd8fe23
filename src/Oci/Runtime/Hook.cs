namespace Rundlet.Oci;

/// <summary>One hook program (config.md, POSIX-platform Hooks).</summary>
public sealed class Hook
{
    /// <summary>Absolute path of the program.</summary>
    public required string Path { get; set; }

    /// <summary>Arguments as for execv(3), the first is the program’s name.</summary>
    public List<string>? Args { get; set; }

    /// <summary>Environment as <c>NAME=value</c>; the runtime’s own is not inherited.</summary>
    public List<string>? Env { get; set; }

    /// <summary>Seconds until the hook is killed, above 0; absent waits without end.</summary>
    public int? Timeout { get; set; }
}

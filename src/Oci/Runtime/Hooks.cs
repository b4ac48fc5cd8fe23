namespace Rundlet.Oci;

/// <summary>Programs run at points of a container’s life (config.md, POSIX-platform Hooks). Each gets the state on its standard input.</summary>
public sealed class Hooks
{
    /// <summary>After the namespaces are made, before the program runs; deprecated, but engines still send it.</summary>
    public List<Hook>? Prestart { get; set; }

    /// <summary>During <c>create</c>, before pivot_root, in the runtime’s namespaces.</summary>
    public List<Hook>? CreateRuntime { get; set; }

    /// <summary>During <c>create</c>, before pivot_root, in the container’s namespaces.</summary>
    public List<Hook>? CreateContainer { get; set; }

    /// <summary>During <c>start</c>, just before the program, in the container’s namespaces.</summary>
    public List<Hook>? StartContainer { get; set; }

    /// <summary>After the program was started, in the runtime’s namespaces; a failure is logged only.</summary>
    public List<Hook>? Poststart { get; set; }

    /// <summary>After the container was deleted, in the runtime’s namespaces; a failure is logged only.</summary>
    public List<Hook>? Poststop { get; set; }
}

namespace Rundlet.Runtime;

/// <summary>The points of a container's life at which hooks run (config.md, POSIX-platform Hooks), in their order.</summary>
internal enum HookPoint
{
    /// <summary>During create, in the runtime's namespaces; the older name of the next.</summary>
    Prestart,

    /// <summary>During create, in the runtime's namespaces, before pivot_root.</summary>
    CreateRuntime,

    /// <summary>During create, in the container's namespaces, before pivot_root.</summary>
    CreateContainer,

    /// <summary>During start, in the container, before the user's program.</summary>
    StartContainer,

    /// <summary>During start, in the runtime's namespaces, after the user's program has been started.</summary>
    Poststart,

    /// <summary>During delete, in the runtime's namespaces, when nothing runs any more.</summary>
    Poststop,
}

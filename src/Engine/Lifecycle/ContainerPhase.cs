namespace Rundlet.Engine.Lifecycle;

/// <summary>Where a container stands, in Docker's words.</summary>
public enum ContainerPhase
{
    /// <summary>It has never run, or is being started.</summary>
    Created,

    /// <summary>It runs.</summary>
    Running,

    /// <summary>Its processes are frozen.</summary>
    Paused,

    /// <summary>It has ended, and its restart policy lets it wait for its next start.</summary>
    Restarting,

    /// <summary>It has ended.</summary>
    Exited,

    /// <summary>Its state file cannot be read: whether it runs is not known, and it can only be removed by force.</summary>
    Dead,
}

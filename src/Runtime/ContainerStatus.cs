namespace Rundlet.Runtime;

/// <summary>The life of a container, runtime.md "State"; paused is an addition that every runtime has.</summary>
public enum ContainerStatus
{
    /// <summary>Half made.</summary>
    Creating,

    /// <summary>Made, the user's program has not started.</summary>
    Created,

    /// <summary>The user's program runs.</summary>
    Running,

    /// <summary>Its cgroup is frozen.</summary>
    Paused,

    /// <summary>Its first process has ended, be it a zombie that nobody has collected yet.</summary>
    Stopped,
}

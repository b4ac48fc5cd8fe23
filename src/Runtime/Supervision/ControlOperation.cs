namespace Rundlet.Runtime.Supervision;

/// <summary>What a client asks a supervisor for.</summary>
public enum ControlOperation
{
    /// <summary>Streams, then the exit record. Answered by an empty response first.</summary>
    Attach,

    /// <summary>A further process in the container. Answered by its pid, and by its exit record when it ends.</summary>
    Exec,

    /// <summary>A signal to the container's first process.</summary>
    Signal,

    /// <summary>Asks the container to end, kills it after a time. Answered by the exit record.</summary>
    Stop,

    /// <summary>Answered by the exit record.</summary>
    Wait,

    /// <summary>A new size for the terminal.</summary>
    Resize,

    /// <summary>Answered by a <see cref="ContainerRuntimeState"/>.</summary>
    State,

    /// <summary>Freezes all processes.</summary>
    Pause,

    /// <summary>Lets them run again.</summary>
    Resume,

    /// <summary>Empties the log.</summary>
    ClearLog,

    /// <summary>Asks the container to end as <see cref="Stop"/> does, and starts it again. Answered by an empty response when it runs.</summary>
    Restart,

    /// <summary>Serves names, where the container's run folder says so and it was not done before: a network was connected.</summary>
    ServeNames,

    /// <summary>Listens at the ports that the container's run folder names now, and at no others: published ports were added or removed.</summary>
    ServePorts,
}

namespace Rundlet.Runtime.Supervision;

/// <summary>When a container that has ended is started again, in Docker's words.</summary>
public enum RestartCondition
{
    /// <summary>Never.</summary>
    No,

    /// <summary>When its exit code is not 0.</summary>
    OnFailure,

    /// <summary>Whenever nobody asked it to end; after a reboot in any case.</summary>
    Always,

    /// <summary>Whenever nobody asked it to end; after a reboot too, unless somebody had.</summary>
    UnlessStopped,
}

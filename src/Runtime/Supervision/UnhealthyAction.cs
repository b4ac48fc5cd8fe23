namespace Rundlet.Runtime.Supervision;

/// <summary>What is done to a container that has become unhealthy.</summary>
public enum UnhealthyAction
{
    /// <summary>Nothing; it is told.</summary>
    None,

    /// <summary>It is stopped, and started again whatever its restart policy is.</summary>
    Restart,

    /// <summary>It is stopped, and stays so until the machine or somebody starts it.</summary>
    Stop,

    /// <summary>It is killed; its restart policy says what comes then.</summary>
    Kill,
}

namespace Rundlet.Engine.Operations;

/// <summary>What a wait for a container waits for.</summary>
public enum WaitCondition
{
    /// <summary>Until it does not run; at once where it does not.</summary>
    NotRunning,

    /// <summary>Until it has ended once more.</summary>
    NextExit,

    /// <summary>Until it is removed.</summary>
    Removed,
}

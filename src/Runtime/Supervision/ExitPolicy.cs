namespace Rundlet.Runtime.Supervision;

/// <summary>What becomes of a container's folders when it has exited.</summary>
public enum ExitPolicy
{
    /// <summary>They stay, and the exit record is also kept in the container's folder, safe from a reboot.</summary>
    Keep,

    /// <summary>Whoever waits removes them (<c>run --rm</c> in the foreground): after telling the exit, the supervisor touches nothing on disk.</summary>
    Leave,

    /// <summary>The supervisor removes them (<c>run -d --rm</c>).</summary>
    Remove,
}

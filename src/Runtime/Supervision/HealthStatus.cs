namespace Rundlet.Runtime.Supervision;

/// <summary>A container's health, in Docker's words.</summary>
public enum HealthStatus
{
    /// <summary>No check has succeeded yet, and not enough have failed.</summary>
    Starting,

    /// <summary>The last checks succeeded, or not enough have failed since.</summary>
    Healthy,

    /// <summary>Too many in a row have failed.</summary>
    Unhealthy,
}

namespace Rundlet.Torture.Chaos;

/// <summary>What is killed while a command is at work.</summary>
internal enum Strike
{
    /// <summary>Nothing.</summary>
    None,

    /// <summary>The command.</summary>
    Command,

    /// <summary>The supervisor of the container that it is about.</summary>
    Supervisor,

    /// <summary>That container's first process.</summary>
    FirstProcess,

    /// <summary>All three.</summary>
    Everything,

    /// <summary>The supervisors of all containers.</summary>
    AllSupervisors,
}

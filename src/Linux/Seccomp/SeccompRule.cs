namespace Rundlet.Linux.Seccomp;

/// <summary>What happens to some system calls.</summary>
public sealed class SeccompRule
{
    /// <summary>Their names; those that an architecture does not have are passed over there.</summary>
    public required IReadOnlyList<string> Names { get; init; }

    /// <summary>What happens.</summary>
    public required SeccompAction Action { get; init; }

    /// <summary>The errno of <see cref="SeccompAction.Errno"/> or the message of <see cref="SeccompAction.Trace"/>; EPERM when null.</summary>
    public uint? ErrnoReturn { get; init; }

    /// <summary>Conditions, all of which must hold. If two are about the same argument, one that holds is enough, as in runc.</summary>
    public IReadOnlyList<SeccompArgument> Arguments { get; init; } = [];
}

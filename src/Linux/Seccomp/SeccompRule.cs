using System.Runtime.InteropServices;

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

    // The compiler runs once a process: the first call through an interface costs more than everything it does with the list.

    /// <summary>The names without an interface in between.</summary>
    internal ReadOnlySpan<string> NameSpan => Names switch
    {
        string[] array => array,
        List<string> list => CollectionsMarshal.AsSpan(list),
        _ => Names.ToArray(),
    };

    /// <summary>The conditions without an interface in between.</summary>
    internal ReadOnlySpan<SeccompArgument> ArgumentSpan => Arguments switch
    {
        SeccompArgument[] array => array,
        List<SeccompArgument> list => CollectionsMarshal.AsSpan(list),
        _ => Arguments.ToArray(),
    };
}

using System.Runtime.InteropServices;

namespace Rundlet.Linux.Seccomp;

/// <summary>
/// Which system calls a container may make: a default action and rules that depart from it. Of several rules for one
/// call, one without conditions decides alone; else the first whose conditions hold.
/// </summary>
public sealed class SeccompProfile
{
    /// <summary>What happens to a call that no rule is about.</summary>
    public required SeccompAction DefaultAction { get; init; }

    /// <summary>errno or message of the default action; EPERM when null.</summary>
    public uint? DefaultErrnoReturn { get; init; }

    /// <summary>Architectures besides the native one.</summary>
    public IReadOnlyList<SeccompArchitecture> Architectures { get; init; } = [];

    /// <summary>Flags of seccomp(2), <c>SECCOMP_FILTER_FLAG_*</c>.</summary>
    public uint Flags { get; init; }

    /// <summary>The rules, in order.</summary>
    public IReadOnlyList<SeccompRule> Rules { get; init; } = [];

    /// <summary>The rules without an interface in between.</summary>
    internal ReadOnlySpan<SeccompRule> RuleSpan => Rules switch
    {
        SeccompRule[] array => array,
        List<SeccompRule> list => CollectionsMarshal.AsSpan(list),
        _ => Rules.ToArray(),
    };
}

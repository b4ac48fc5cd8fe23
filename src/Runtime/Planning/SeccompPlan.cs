using Rundlet.Linux;
using Rundlet.Linux.Seccomp;
using Rundlet.Oci;
using Rundlet.Syscalls;

namespace Rundlet.Runtime.Planning;

/// <summary>From the spec's <c>linux.seccomp</c> to a compiled filter.</summary>
internal static class SeccompPlan
{
    /// <summary>A section shorter than this, in bytes, is compiled sooner than a file is read.</summary>
    private const int WorthKeeping = 2048;

    /// <summary>Compiles, or takes what was compiled before; null where the spec has no filter.</summary>
    /// <exception cref="ContainerException">A word of the section is unknown: a filter is never loaded in part.</exception>
    public static byte[]? Compile(Oci.Seccomp? spec, out uint flags) =>
        Compile(spec, spec?.Text is { Length: >= WorthKeeping } ? FilterCache.OfCaller() : null, out flags, out _);

    /// <summary>The same with a cache of the caller's choice.</summary>
    /// <param name="spec">The section.</param>
    /// <param name="cache">Where compiled filters are kept; null for nowhere.</param>
    /// <param name="flags"><c>SECCOMP_FILTER_FLAG_*</c> to load it with.</param>
    /// <param name="kept">Whether it came from the cache.</param>
    internal static byte[]? Compile(Oci.Seccomp? spec, FilterCache? cache, out uint flags, out bool kept)
    {
        flags = 0;
        kept = false;
        if (spec is null)
            return null;
        SeccompProgram program = default;
        kept = cache is not null && spec.Text is not null && cache.TryRead(spec.Text, out program);
        if (!kept)
        {
            program = SeccompCompiler.Compile(ProfileOf(spec));
            if (program.Notifies)
                CheckNotifying(spec, program);
            if (spec.Text is not null)
                cache?.Write(spec.Text, program);
        }
        flags = FlagsToLoadWith(program);
        return program.Filter;
    }

    private static SeccompProfile ProfileOf(Oci.Seccomp spec) => new()
    {
        DefaultAction = SeccompNames.ParseAction(spec.DefaultAction),
        DefaultErrnoReturn = spec.DefaultErrnoRet,
        Architectures = ArchitecturesOf(spec.Architectures),
        Flags = FlagsOf(spec.Flags),
        Rules = RulesOf(spec.Syscalls),
    };

    private static uint FlagsToLoadWith(SeccompProgram program)
    {
        // The kernel takes this one only along with a listener; it says how to wait for one.
        if (!program.Notifies)
            return program.Flags & ~SECCOMP.FILTER_FLAG_WAIT_KILLABLE_RECV;
        // With both, a thread id would be as good an answer as a fd: this makes it an error (Linux 5.7).
        uint esrch = (program.Flags & SECCOMP.FILTER_FLAG_TSYNC) != 0 ? SECCOMP.FILTER_FLAG_TSYNC_ESRCH : 0;
        return program.Flags | SECCOMP.FILTER_FLAG_NEW_LISTENER | esrch;
    }

    // Between seccomp(2) and the moment when the listener has its fd, nobody answers: what the child calls meanwhile must pass.
    private static void CheckNotifying(Oci.Seccomp spec, SeccompProgram program)
    {
        if (spec.ListenerPath is not { Length: > 0 })
            throw new ContainerException(ContainerErrorKind.InvalidArgument, "linux.seccomp: SCMP_ACT_NOTIFY needs a listenerPath");
        foreach ((int number, string name) in (ReadOnlySpan<(int, string)>)[(SYS.sendmsg, "sendmsg"), (SYS.write, "write")])
        {
            if (FilterMachine.Run(program.Filter, number, 3, 0, MSG.NOSIGNAL) is not (SECCOMP.RET_ALLOW or SECCOMP.RET_LOG))
            {
                throw new ContainerException(ContainerErrorKind.InvalidArgument, $"linux.seccomp: a filter with SCMP_ACT_NOTIFY must let {name}(2) pass, its listener could never be told")
                {
                    Hint = $"add '{name}' to a rule with SCMP_ACT_ALLOW",
                };
            }
        }
    }

    private static List<SeccompArchitecture> ArchitecturesOf(List<string>? names)
    {
        List<SeccompArchitecture> architectures = [];
        foreach (string name in names ?? [])
        {
            if (SeccompNames.ParseArchitecture(name) is { } known)
                architectures.Add(known); // others cannot run here
        }
        return architectures;
    }

    private static uint FlagsOf(List<string>? names)
    {
        if (names is null)
            return SECCOMP.FILTER_FLAG_SPEC_ALLOW; // as runc: the mitigation costs every system call, and is for those who ask
        uint flags = 0;
        foreach (string name in names)
            flags |= SeccompNames.ParseFlag(name);
        return flags;
    }

    private static List<Linux.Seccomp.SeccompRule> RulesOf(List<Oci.SeccompRule>? rules)
    {
        List<Linux.Seccomp.SeccompRule> list = new(rules?.Count ?? 0);
        foreach (Oci.SeccompRule rule in rules ?? [])
        {
            List<SeccompArgument> arguments = [];
            foreach (SeccompArg argument in rule.Args ?? [])
                arguments.Add(new SeccompArgument(argument.Index, argument.Value, argument.ValueTwo ?? 0, SeccompNames.ParseOperator(argument.Op)));
            list.Add(new Linux.Seccomp.SeccompRule { Names = rule.Names, Action = SeccompNames.ParseAction(rule.Action), ErrnoReturn = rule.ErrnoRet, Arguments = arguments });
        }
        return list;
    }
}

using Rundlet.Syscalls;

namespace Rundlet.Linux.Seccomp;

/// <summary>What the filter of a profile answers, <c>SECCOMP_RET_*</c> with its data: by default, and for each rule.</summary>
internal sealed class SeccompAnswers
{
    /// <summary>"There is no such call".</summary>
    public const uint Enosys = SECCOMP.RET_ERRNO | (uint)Errno.ENOSYS;

    private const uint MostErrno = 4095;

    private readonly uint[] _byRule;

    /// <summary>Works them out, and checks the rules meanwhile.</summary>
    /// <exception cref="ContainerException"><c>InvalidArgument</c>: something in a rule cannot be.</exception>
    public SeccompAnswers(SeccompProfile profile)
    {
        Default = AnswerOf(profile.DefaultAction, profile.DefaultErrnoReturn);
        if (profile.DefaultAction == SeccompAction.Notify)
            throw new ContainerException(ContainerErrorKind.InvalidArgument, "seccomp profile: the default action cannot be SCMP_ACT_NOTIFY");
        ReadOnlySpan<SeccompRule> rules = profile.RuleSpan;
        _byRule = new uint[rules.Length];
        for (int i = 0; i < rules.Length; i++)
        {
            SeccompRule rule = rules[i];
            _byRule[i] = AnswerOf(rule.Action, rule.ErrnoReturn);
            Notifies |= rule.Action == SeccompAction.Notify;
            foreach (SeccompArgument argument in rule.ArgumentSpan)
            {
                if (argument.Index > 5)
                    throw new ContainerException(ContainerErrorKind.InvalidArgument, $"seccomp rule: there is no argument {argument.Index}, they are 0 to 5");
            }
        }

        // A tracer can deal with calls of the future itself, and where the default is to let them through it stays so.
        LetsThrough = profile.DefaultAction is SeccompAction.Allow or SeccompAction.Log or SeccompAction.Trace;
        BeyondLast = LetsThrough ? Default : Enosys;
    }

    /// <summary>For calls without a rule.</summary>
    public uint Default { get; }

    /// <summary>For calls above the highest that the profile names.</summary>
    public uint BeyondLast { get; }

    /// <summary>Whether calls without a rule are done, or left to a tracer.</summary>
    public bool LetsThrough { get; }

    /// <summary>Whether some rule notifies.</summary>
    public bool Notifies { get; }

    /// <summary>The answer of a rule.</summary>
    public uint Of(int rule) => _byRule[rule];

    /// <summary>Whether a rule says what the default is: then it says nothing.</summary>
    public bool IsDefault(int rule) => _byRule[rule] == Default;

    private static uint AnswerOf(SeccompAction action, uint? errno)
    {
        if (errno is not null && action is not (SeccompAction.Errno or SeccompAction.Trace))
            throw new ContainerException(ContainerErrorKind.InvalidArgument, $"seccomp rule: {SeccompNames.NameOf(action)} takes no errnoRet");
        uint most = action == SeccompAction.Trace ? SECCOMP.RET_DATA : MostErrno;
        if (errno > most)
            throw new ContainerException(ContainerErrorKind.InvalidArgument, $"seccomp rule: errnoRet {errno} is above {most}");
        uint data = errno ?? (uint)Errno.EPERM;
        uint answer = SeccompActions.KernelValueOf(action);
        return action is SeccompAction.Errno or SeccompAction.Trace ? answer | data : answer;
    }
}

using Rundlet.Linux.Seccomp;

namespace Rundlet.Linux.Tests.Seccomp;

/// <summary>What a profile says about one call, worked out from its text with no thought of speed.</summary>
internal sealed class ProfileMeaning
{
    public const uint KillProcess = 0x8000_0000;

    public static uint MarkOf(SeccompArchitecture architecture) => architecture switch
    {
        SeccompArchitecture.X86 => 0x4000_0003,
        SeccompArchitecture.Aarch64 => 0xC000_00B7,
        SeccompArchitecture.Arm => 0x4000_0028,
        _ => 0xC000_003E,
    };

    private readonly Dictionary<uint, List<Match>> _matches = [];
    private readonly SeccompProfile _profile;
    private readonly bool _narrow;
    private readonly int _last = -1;
    private readonly bool _refusesNewer;
    private readonly SeccompArchitecture _architecture;

    /// <summary>A rule about a number; behind a selector where that is given.</summary>
    private readonly record struct Match(SeccompRule Rule, int? Selector);

    public ProfileMeaning(SeccompProfile profile, SeccompArchitecture architecture)
    {
        _profile = profile;
        _architecture = architecture;
        _narrow = architecture is SeccompArchitecture.X86 or SeccompArchitecture.Arm;
        int[] numbers = new int[SyscallTable.Columns];
        foreach (SeccompRule rule in profile.Rules)
        {
            bool isDefault = Answer(rule.Action, rule.ErrnoReturn) == Answer(profile.DefaultAction, profile.DefaultErrnoReturn);
            foreach (string name in rule.Names)
            {
                if (!SyscallTable.TryFind(name, numbers))
                {
                    _refusesNewer |= !isDefault && rule.Action is not (SeccompAction.Allow or SeccompAction.Log);
                    continue;
                }
                int own = numbers[(int)architecture];
                if (own is >= 0 and < 1024)
                    _last = Math.Max(_last, own);
                if (isDefault)
                    continue;
                if (own >= 0)
                    Add((uint)own, new Match(rule, null));
                bool opensUnderConditions = rule.Arguments.Count > 0 && rule.Action is SeccompAction.Allow or SeccompAction.Log;
                if (architecture == SeccompArchitecture.X86 && MultiplexedCall.Find(name) is ( > 0 and var call, var selector) && !opensUnderConditions)
                    Add((uint)call, new Match(rule, selector));
            }
        }
    }

    public uint Of(uint number, ulong[] arguments)
    {
        List<Match> matches = _matches.GetValueOrDefault(number) ?? [];
        foreach (Match match in matches)
        {
            if (match.Selector is null && match.Rule.Arguments.Count == 0)
                return Answer(match.Rule.Action, match.Rule.ErrnoReturn);
        }
        foreach (Match match in matches)
        {
            if (match.Selector is { } selector ? (uint)arguments[0] == selector : Holds(match.Rule.Arguments, arguments))
                return Answer(match.Rule.Action, match.Rule.ErrnoReturn);
        }
        bool permissive = _profile.DefaultAction is SeccompAction.Allow or SeccompAction.Log or SeccompAction.Trace;
        bool ofArm = _architecture == SeccompArchitecture.Arm && number is >= 0xf0001 and <= 0xf0006;
        if (permissive && _refusesNewer && !ofArm && number > (_architecture == SeccompArchitecture.X32 ? 547u : 470u) && matches.Count == 0)
            return 0x5_0026u;
        bool beyond = _last >= 0 && number > _last && matches.Count == 0;
        return beyond && !permissive ? 0x5_0026u : Answer(_profile.DefaultAction, _profile.DefaultErrnoReturn);
    }

    private void Add(uint number, Match match)
    {
        if (!_matches.TryGetValue(number, out List<Match>? matches))
            _matches[number] = matches = [];
        matches.Add(match);
    }

    private bool Holds(IReadOnlyList<SeccompArgument> conditions, ulong[] arguments)
    {
        bool twice = conditions.Select(argument => argument.Index).Distinct().Count() < conditions.Count;
        return twice ? conditions.Any(a => Holds(a, arguments, _narrow)) : conditions.All(a => Holds(a, arguments, _narrow));
    }

    private static bool Holds(SeccompArgument a, ulong[] arguments, bool narrow)
    {
        ulong mask = narrow ? uint.MaxValue : ulong.MaxValue;
        ulong actual = arguments[a.Index] & mask, value = a.Value & mask;
        return a.Operator switch
        {
            SeccompOperator.NotEqual => actual != value,
            SeccompOperator.Less => actual < value,
            SeccompOperator.LessOrEqual => actual <= value,
            SeccompOperator.Equal => actual == value,
            SeccompOperator.GreaterOrEqual => actual >= value,
            SeccompOperator.Greater => actual > value,
            _ => (actual & value) == (a.ValueTwo & mask),
        };
    }

    public static uint Answer(SeccompAction action, uint? errno) => action switch
    {
        SeccompAction.KillThread => 0,
        SeccompAction.KillProcess => KillProcess,
        SeccompAction.Trap => 0x3_0000,
        SeccompAction.Errno => 0x5_0000 | (errno ?? 1),
        SeccompAction.Trace => 0x7ff0_0000 | (errno ?? 1),
        SeccompAction.Log => 0x7ffc_0000,
        SeccompAction.Notify => 0x7fc0_0000,
        _ => 0x7fff_0000,
    };
}

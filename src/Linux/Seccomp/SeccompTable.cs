using System.Runtime.InteropServices;

namespace Rundlet.Linux.Seccomp;

/// <summary>The rules of one architecture by number, and the tree that is written for them.</summary>
internal sealed class SeccompTable(SeccompArchitecture architecture, SeccompProfile profile, SeccompAnswers answers)
{
    /// <summary>Numbers from here on are the few that ARM keeps for itself.</summary>
    private const int Dense = 1024;

    private const int FirstOfArm = 0xf0001, LastOfArm = 0xf0006; // asm/unistd.h, __ARM_NR_*

    // By number: zero for none, rule + 1 for a rule without conditions, ~index of a link for rules with some.
    private readonly int[] _slots = new int[Dense];
    private readonly List<(int Number, int Slot)> _beyond = [];
    private readonly List<Link> _links = [];
    private readonly List<int> _labels = []; // where the code of a link's chain is, zero before it is written
    private int _last = -1;
    private uint _beyondLast = answers.BeyondLast;

    /// <summary>A rule of a chain for one number, the later rules behind it. <c>First</c> is what argument 0 must be, -1 for anything.</summary>
    private readonly record struct Link(int Rule, int Earlier, int First);

    /// <summary>A range of numbers up to the next one's start. <c>Chain</c> is a link, -1 where the answer is the same for all.</summary>
    private readonly record struct NumberRange(uint Start, uint Answer, int Chain);

    /// <summary>Whose.</summary>
    public SeccompArchitecture Architecture { get; } = architecture;

    /// <summary>Adds a rule for a number.</summary>
    /// <param name="number">The call.</param>
    /// <param name="rule">Index in the profile.</param>
    /// <param name="isDefault">Whether the rule says what the default is: it makes the number a known one, and no more.</param>
    public void Add(int number, int rule, bool isDefault)
    {
        if (number < Dense)
            _last = Math.Max(_last, number);
        if (isDefault)
            return;
        Put(number, rule, conditional: HasConditions(rule), first: -1);
    }

    /// <summary>
    /// Adds a rule for a call that i386 has behind <c>socketcall</c> or <c>ipc</c>. Its own arguments are in memory there, or
    /// in other places: a rule that opens something under conditions does not count, one that closes something closes all.
    /// </summary>
    public void AddMultiplexed(string name, int rule)
    {
        (int number, int first) = MultiplexedCall.Find(name);
        if (number == 0 || (HasConditions(rule) && profile.RuleSpan[rule].Action is SeccompAction.Allow or SeccompAction.Log))
            return;
        Put(number, rule, conditional: true, first);
    }

    /// <summary>
    /// Makes calls that this build does not know fail with ENOSYS: a rule restricts a name that is no call at all, or a call
    /// that is newer than the table, and then has a number above it.
    /// </summary>
    public void RefuseNewer()
    {
        _last = Math.Max(_last, SyscallTable.LastOf(Architecture));
        _beyondLast = SeccompAnswers.Enosys;
        for (int number = FirstOfArm; Architecture == SeccompArchitecture.Arm && number <= LastOfArm; number++)
            SlotOf(number); // known, and by default what the default is
    }

    /// <summary>Writes the tree; the accumulator holds the number when it is entered.</summary>
    /// <param name="code">The program.</param>
    /// <param name="offset">Added to every number.</param>
    public int Write(BpfBuilder code, uint offset = 0)
    {
        List<NumberRange> ranges = Ranges(offset);
        return WriteTree(code, CollectionsMarshal.AsSpan(ranges));
    }

    private bool HasConditions(int rule) => profile.RuleSpan[rule].ArgumentSpan.Length > 0;

    private void Put(int number, int rule, bool conditional, int first)
    {
        ref int slot = ref SlotOf(number);
        if (slot > 0)
            return; // a rule without conditions decides alone
        if (!conditional)
        {
            slot = rule + 1;
            return;
        }
        // The names of one rule mostly share their whole chain: then they share its code too.
        var link = new Link(rule, slot, first);
        for (int i = _links.Count - 1; i >= 0 && _links[i].Rule == rule; i--)
        {
            if (_links[i] == link)
            {
                slot = ~i;
                return;
            }
        }
        _links.Add(link);
        _labels.Add(0);
        slot = ~(_links.Count - 1);
    }

    private ref int SlotOf(int number)
    {
        if (number < Dense)
            return ref _slots[number];
        int at = _beyond.FindIndex(entry => entry.Number == number);
        if (at < 0)
        {
            _beyond.Add((number, 0));
            at = _beyond.Count - 1;
        }
        return ref CollectionsMarshal.AsSpan(_beyond)[at].Slot;
    }

    private List<NumberRange> Ranges(uint offset)
    {
        var ranges = new List<NumberRange>(128);
        for (int number = 0; number <= _last; number++)
            AddRange(ranges, offset + (uint)number, _slots[number]);
        uint rest = _last < 0 ? answers.Default : _beyondLast;
        AddRange(ranges, new NumberRange(offset + (uint)(_last + 1), rest, -1));
        if (_beyond.Count > 1)
            _beyond.Sort((a, b) => a.Number.CompareTo(b.Number));
        foreach ((int number, int slot) in _beyond)
        {
            AddRange(ranges, offset + (uint)number, slot);
            AddRange(ranges, new NumberRange(offset + (uint)number + 1, rest, -1));
        }
        return ranges;
    }

    private void AddRange(List<NumberRange> ranges, uint start, int slot)
    {
        if (slot < 0)
            AddRange(ranges, new NumberRange(start, 0, ~slot));
        else
            AddRange(ranges, new NumberRange(start, slot == 0 ? answers.Default : answers.Of(slot - 1), -1));
    }

    private static void AddRange(List<NumberRange> ranges, NumberRange range)
    {
        if (ranges.Count > 0 && ranges[^1].Start == range.Start)
            ranges.RemoveAt(ranges.Count - 1); // ARM's own numbers follow each other
        if (ranges.Count == 0 || ranges[^1].Chain != range.Chain || ranges[^1].Answer != range.Answer)
            ranges.Add(range);
    }

    private int WriteTree(BpfBuilder code, ReadOnlySpan<NumberRange> ranges)
    {
        if (ranges.Length == 1)
            return ranges[0].Chain < 0 ? code.Answer(ranges[0].Answer) : WriteChain(code, ranges[0].Chain);
        int middle = ranges.Length / 2;
        int above = WriteTree(code, ranges[middle..]);
        int below = WriteTree(code, ranges[..middle]);
        return code.IfGreaterOrEqual(ranges[middle].Start, above, below);
    }

    /// <summary>Rules with conditions, tried in the order of the profile; the last is written first.</summary>
    private int WriteChain(BpfBuilder code, int link)
    {
        if (_labels[link] != 0)
            return _labels[link];
        int otherwise = code.Answer(answers.Default);
        for (int at = ~link; at != 0; at = _links[~at].Earlier)
        {
            Link one = _links[~at];
            int answer = code.Answer(answers.Of(one.Rule));
            otherwise = one.First >= 0
                ? Conditions.Write(code, new SeccompArgument(0, (uint)one.First, 0, SeccompOperator.Equal), answer, otherwise, wide: false)
                : Conditions.WriteAll(code, profile.RuleSpan[one.Rule].ArgumentSpan, answer, otherwise, wide: IsWide);
        }
        _labels[link] = otherwise;
        return otherwise;
    }

    /// <summary>Whether registers have 64 bits.</summary>
    private bool IsWide => Architecture is not (SeccompArchitecture.X86 or SeccompArchitecture.Arm);
}

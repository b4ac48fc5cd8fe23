namespace Rundlet.ChildCheck;

/// <summary>
/// Follows every call and jump from the child's root, in the whole body of each function: what is never executed is
/// judged like what always is.
/// </summary>
internal sealed class ChildWalk
{
    /// <summary>Where the child begins.</summary>
    public const string Root = "Rundlet_Init_Rundlet_Init_ContainerInit__Run";

    /// <summary>Where it begins on a stack of its own, when it shares its parent's memory.</summary>
    public const string SharingRoot = "Rundlet_Init_Rundlet_Init_InitProcess__Enter";

    private readonly Disassembly _code;
    private readonly Queue<Function> _open = [];
    private readonly Dictionary<string, string?> _reachedFrom = [];
    private readonly SortedSet<string> _entries = new(StringComparer.Ordinal);
    private readonly List<string> _violations = [];

    private ChildWalk(Disassembly code) => _code = code;

    /// <summary>Walks.</summary>
    /// <exception cref="InvalidDataException">A root is not there.</exception>
    public static WalkResult Run(Disassembly code, params ReadOnlySpan<string> roots)
    {
        ChildWalk walk = new(code);
        foreach (string root in roots.Length > 0 ? roots : [Root])
            walk.Open(code.Find(root) ?? throw new InvalidDataException($"no '{root}' in the object file"), null);
        while (walk._open.TryDequeue(out Function? function))
            walk.Visit(function);
        return new WalkResult(walk._entries, walk._violations);
    }

    private void Visit(Function function)
    {
        bool ownTable = false;
        foreach (Instruction instruction in function.Code)
        {
            foreach (string symbol in instruction.Symbols)
            {
                // A switch: the compiler reads a distance from a table of the function's own and jumps within the function.
                ownTable |= symbol == "__readonlydata_" + function.Name;
                Reach(function, symbol, instruction.Flow == Flow.Direct);
            }
            if (instruction.Flow == Flow.Direct && instruction.Symbols.Count == 0)
                ReachPlace(function, instruction);
            else if (instruction.Flow == Flow.IndirectCall || (instruction.Flow == Flow.IndirectJump && !(ownTable && instruction.Text.Contains("*%"))))
                Complain(function, $"{(instruction.Flow == Flow.IndirectCall ? "calls" : "jumps to")} what a register or memory holds: {instruction.Text}");
            else if (instruction.Flow == Flow.Trap)
                Complain(function, $"traps by itself: {instruction.Text}");
        }
    }

    private void Reach(Function from, string symbol, bool transfer)
    {
        if (ForbiddenNames.WhyForbidden(symbol) is { } why)
            Complain(from, $"{why}: {symbol}");
        if (_code.Find(symbol) is { } function)
            Open(function, from.Name); // its address taken counts as a call of it
        else
            _entries.Add($"{(transfer ? "native" : "data")} {symbol}");
    }

    private void ReachPlace(Function from, Instruction instruction)
    {
        if (instruction.Target is not { } place)
            Complain(from, $"goes to a place that is not understood: {instruction.Text}");
        else if (from.Contains(place))
            return;
        else if (_code.Find(from.Section, place) is not { } function)
            Complain(from, $"goes into the middle of another function: {instruction.Text}");
        else
            Reach(from, function.Name, true);
    }

    private void Open(Function function, string? from)
    {
        if (!_reachedFrom.TryAdd(function.Name, from))
            return;
        _entries.Add($"method {function.Name}");
        _open.Enqueue(function);
    }

    private void Complain(Function function, string what)
    {
        Stack<string> way = [];
        for (string? name = function.Name; name is not null; name = _reachedFrom[name])
            way.Push(name);
        _violations.Add($"{string.Join(" -> ", way)} {what}");
    }
}

/// <summary>What a walk found.</summary>
/// <param name="Entries">What was reached, as lines of the list.</param>
/// <param name="Violations">What may not be reached, whatever the list says.</param>
internal sealed record WalkResult(IReadOnlyCollection<string> Entries, IReadOnlyList<string> Violations);

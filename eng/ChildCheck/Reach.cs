namespace Rundlet.ChildCheck;

/// <summary>What the children of all checked programs reach together.</summary>
internal sealed class Reach
{
    private readonly SortedSet<string> _entries = new(StringComparer.Ordinal);
    private readonly List<string> _violations = [];

    /// <summary>All entries, sorted.</summary>
    public IReadOnlyCollection<string> Entries => _entries;

    /// <summary>All violations, each with the program it is in.</summary>
    public IReadOnlyList<string> Violations => _violations;

    /// <summary>Adds a program.</summary>
    public void Add(string program, WalkResult result)
    {
        _entries.UnionWith(result.Entries);
        _violations.AddRange(result.Violations.Select(violation => $"{program}: {violation}"));
    }
}

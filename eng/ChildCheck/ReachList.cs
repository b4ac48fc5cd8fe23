namespace Rundlet.ChildCheck;

/// <summary>
/// The list that is checked in. A line is <c>KIND NAME</c>, with a <c># reason</c> behind what is not our own method:
/// <c>method</c> is code of the object file, <c>native</c> a function linked in later, <c>data</c> what is read or written.
/// </summary>
internal sealed class ReachList
{
    private readonly SortedDictionary<string, string> _reasons = new(StringComparer.Ordinal);
    private readonly List<string> _head = [];
    private readonly List<string> _asRead = [];

    private ReachList()
    {
    }

    /// <summary>Reads a list; one that is not there is empty.</summary>
    public static ReachList Read(string path) => Parse(File.Exists(path) ? File.ReadAllLines(path) : []);

    /// <summary>Reads the lines of a list.</summary>
    public static ReachList Parse(IEnumerable<string> lines)
    {
        ReachList list = new();
        foreach (string line in lines)
        {
            if (line.StartsWith('#') && list._reasons.Count == 0)
                list._head.Add(line);
            if (line.StartsWith('#') || line.Trim().Length == 0)
                continue;
            string[] parts = line.Split('#', 2, StringSplitOptions.TrimEntries);
            list._asRead.Add(parts[0]);
            list._reasons[parts[0]] = parts.Length > 1 ? parts[1] : "";
        }
        return list;
    }

    /// <summary>Takes over what was reached; reasons of entries that stay are kept.</summary>
    public void Replace(IReadOnlyCollection<string> reached)
    {
        foreach (string gone in _reasons.Keys.Except(reached).ToList())
            _reasons.Remove(gone);
        foreach (string entry in reached)
            _reasons.TryAdd(entry, "");
        _asRead.Clear();
        _asRead.AddRange(_reasons.Keys);
    }

    /// <summary>Says how the list and what was reached differ, as lines of a diff, and which entries lack their reason.</summary>
    public IEnumerable<string> Compare(IReadOnlyCollection<string> reached)
    {
        foreach (string entry in reached.Except(_reasons.Keys))
            yield return $"+{entry} (reached, not on the list: ./dev childcheck --accept takes it over)";
        foreach (string entry in _reasons.Keys.Except(reached))
            yield return $"-{entry} (on the list, no longer reached)";
        foreach ((string entry, string reason) in _reasons)
        {
            if (reason.Length == 0 && !entry.StartsWith("method "))
                yield return $"{entry} needs a reason on the list";
        }
        if (!_asRead.SequenceEqual(_asRead.Order(StringComparer.Ordinal)))
            yield return "the list is not sorted";
    }

    /// <summary>Writes the list, sorted.</summary>
    public void Write(string path) =>
        File.WriteAllLines(path, _head.Concat(_reasons.Select(pair => pair.Value.Length > 0 ? $"{pair.Key} # {pair.Value}" : pair.Key)));
}

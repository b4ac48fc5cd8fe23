namespace Rundlet.Hello.Report;

/// <summary>What the report says about one subject: named facts, then tables.</summary>
/// <param name="Key">The name in JSON.</param>
/// <param name="Title">The heading for people.</param>
internal sealed record Section(string Key, string Title, IReadOnlyList<Fact> Facts, IReadOnlyList<Table> Tables)
{
    public Section(string key, string title, IReadOnlyList<Fact> facts) : this(key, title, facts, []) { }
}

/// <summary>One named value; <paramref name="Key"/> is its name in JSON, <paramref name="Label"/> its name for people.</summary>
internal sealed record Fact(string Key, string Label, FactValue Value);

/// <summary>Rows of text under named columns. A table without rows says <paramref name="WhenEmpty"/>.</summary>
internal sealed record Table(string Key, string Title, IReadOnlyList<string> Columns, IReadOnlyList<IReadOnlyList<string>> Rows, string WhenEmpty);

using System.Text.RegularExpressions;

namespace Rundlet.Architecture.Tests;

/// <summary>docs/spec-conformance.md says what the tests prove, and the tests prove what it says.</summary>
public sealed partial class ConformanceTests
{
    private const string Document = "docs/spec-conformance.md";

    [Fact]
    public void Every_row_that_is_done_has_a_test() => Assert.Empty(Untested(Rows(Text()), Named(Tests())));

    [Fact]
    public void Every_row_that_a_test_names_exists() => Assert.Empty(Unknown(Rows(Text()), Named(Tests())));

    [Fact]
    public void Every_row_has_a_state_and_an_id_of_its_own()
    {
        List<(string Id, string State)> rows = Rows(Text());
        Assert.All(rows, row => Assert.Contains(row.State, (string[])["done", "refused", "ignored"]));
        Assert.Equal(rows.Count, rows.DistinctBy(row => row.Id).Count());
    }

    [Fact]
    public void Planted_mistakes_are_found()
    {
        List<(string Id, string State)> rows = Rows("| `a.b` | what | done | `x` | T |\n| `c` | | refused | `x` | - |\n");
        Assert.Equal([("a.b", "done"), ("c", "refused")], rows);
        Assert.Equal(["a.b"], Untested(rows, Named("")));
        Assert.Equal(["d"], Unknown(rows, Named("[SpecRow(\"a.b\", \"d\")]\n")));
        Assert.Empty(Untested(rows, Named("        (\"a.b\", t => t.Probe()),\n")));
    }

    private static IEnumerable<string> Untested(List<(string Id, string State)> rows, HashSet<string> named) =>
        rows.Where(row => row.State == "done" && !named.Contains(row.Id)).Select(row => row.Id);

    private static IEnumerable<string> Unknown(List<(string Id, string State)> rows, HashSet<string> named) =>
        named.Except(rows.Select(row => row.Id));

    private static string Text() => File.ReadAllText(Path.Combine(Repository.Root, Document));

    private static string Tests() => string.Concat(Repository.Read().Sources.Where(source => source.Path.StartsWith("tests/Runcs.Tests/") || source.Path.StartsWith("tests/Images.Tests/")).Select(source => source.Text));

    private static List<(string Id, string State)> Rows(string text) =>
        [.. Row().Matches(text).Select(match => (match.Groups["id"].Value, match.Groups["state"].Value.Trim()))];

    // By an attribute, or as an entry of the probes.
    private static HashSet<string> Named(string text) =>
    [
        .. Attribute().Matches(text).SelectMany(match => match.Groups["id"].Captures).Select(capture => capture.Value),
        .. Probe().Matches(text).Select(match => match.Groups["id"].Value),
    ];

    [GeneratedRegex(@"^\| `(?<id>[^`]+)` \|[^\n|]*(?:\\\|[^\n|]*)*\|(?<state>[^\n|]*)\|", RegexOptions.Multiline)]
    private static partial Regex Row();

    [GeneratedRegex(@"\[SpecRow\((?:\s*""(?<id>[^""]+)""\s*,?)+\)")]
    private static partial Regex Attribute();

    [GeneratedRegex(@"^        \(""(?<id>[\w.]+)"", t =>", RegexOptions.Multiline)]
    private static partial Regex Probe();
}

using System.Text.RegularExpressions;
using System.Xml.Linq;

namespace Rundlet.Conformance;

/// <summary>How a row ended.</summary>
internal enum Outcome
{
    /// <summary>It holds.</summary>
    Pass,

    /// <summary>It does not.</summary>
    Fail,

    /// <summary>It cannot be tried here.</summary>
    Skip,
}

/// <summary>The result of a row, with the reason of a failure or a skip.</summary>
internal sealed record Result(Outcome Outcome, string Reason);

/// <summary>A runtime and its results by row.</summary>
internal sealed partial record Column(string Name, string Version, Dictionary<string, Result> Results)
{
    /// <summary>Reads a result file of xunit: the tests of the theory that has a row as its argument.</summary>
    public static Column Read(string name, string version, string path)
    {
        Dictionary<string, Result> results = [];
        foreach (XElement test in XDocument.Load(path).Descendants("test"))
        {
            if (Row().Match((string?)test.Attribute("name") ?? "") is { Success: true } named)
                results.Add(named.Groups["row"].Value, ResultOf(test));
        }
        return new Column(name, version, results);
    }

    /// <summary>How many rows ended so.</summary>
    public int Count(Outcome outcome) => Results.Values.Count(result => result.Outcome == outcome);

    private static Result ResultOf(XElement test) => (string?)test.Attribute("result") switch
    {
        "Pass" => new Result(Outcome.Pass, ""),
        "Skip" => new Result(Outcome.Skip, FirstLine(test.Element("reason"))),
        _ => new Result(Outcome.Fail, FirstLine(test.Descendants("message").FirstOrDefault())),
    };

    private static string FirstLine(XElement? element) => (element?.Value ?? "").Trim().Split('\n')[0];

    [GeneratedRegex(@"The_row_holds\(row: \\?""(?<row>[\w.]+)\\?""\)")]
    private static partial Regex Row();
}

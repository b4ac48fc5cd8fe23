// conformance [--output FILE] NOTES NAME VERSION RESULTS...: a table of runtimes from the results of the probes in
// tests/Runcs.Tests, as its runner writes them with -result-xml. NOTES says why a row fails in all peers, one a line: ROW # why.
// Exit status 1 where our own column has a failure, or where a row that fails in all peers has no note.
using System.Globalization;
using System.Text;
using Rundlet.Conformance;

string? output = null;
List<string> words = [.. args];
if (words.IndexOf("--output") is >= 0 and var at)
{
    output = words[at + 1];
    words.RemoveRange(at, 2);
}
if (words.Count < 4 || words.Count % 3 != 1)
{
    Console.Error.WriteLine("usage: conformance [--output FILE] NOTES NAME VERSION RESULTS...");
    return 2;
}
Dictionary<string, string> notes = Notes.Read(words[0]);
List<Column> columns = [.. words.Skip(1).Chunk(3).Select(column => Column.Read(column[0], column[1], column[2]))];
StringBuilder table = new();
table.Append(CultureInfo.InvariantCulture, $"| row | {string.Join(" | ", columns.Select(column => column.Name))} | note |\n|{string.Concat(Enumerable.Repeat(" --- |", columns.Count + 2))}\n");
List<string> complaints = [];
foreach (string row in columns.SelectMany(column => column.Results.Keys).Distinct())
{
    List<Result?> results = [.. columns.Select(column => column.Results.GetValueOrDefault(row))];
    bool peersFail = columns.Count > 1 && results.Skip(1).All(result => result is { Outcome: Outcome.Fail });
    string note = results.FirstOrDefault(result => result is { Outcome: Outcome.Skip })?.Reason ?? "";
    if (peersFail)
        note = notes.GetValueOrDefault(row, "");
    if (peersFail && note.Length == 0)
        complaints.Add($"{row} fails in all peers, and {words[0]} does not say why");
    if (results[0] is { Outcome: Outcome.Fail } failed && columns[0].Name == "runcs")
        complaints.Add($"{row}: {failed.Reason}");
    table.Append(CultureInfo.InvariantCulture, $"| `{row}` | {string.Join(" | ", results.Select(Mark))} | {note} |\n");
}
string totals = string.Join("; ", columns.Select(column => $"{column.Name}: {column.Count(Outcome.Pass)} hold, {column.Count(Outcome.Fail)} fail, {column.Count(Outcome.Skip)} cannot be tried here"));
if (output is null)
    Console.Write(table);
else
    File.WriteAllText(output, Head(columns, totals) + table);
Console.WriteLine(totals);
foreach (string complaint in complaints)
    Console.Error.WriteLine(complaint);
return complaints.Count == 0 ? 0 : 1;

static string Mark(Result? result) => result?.Outcome switch { Outcome.Pass => "✓", Outcome.Fail => "✗", Outcome.Skip => "–", _ => "" };

static string Head(List<Column> columns, string totals) => $"""
    # The specification, probed row by row

    Written by `./dev conformance --write`; the rows are those of [spec-conformance.md](spec-conformance.md), and each has one probe in
    `tests/Runcs.Tests/Conformance`. A probe demands what the specification says and nothing else, through the command line that all runtimes have.
    ✓ holds, ✗ does not, – cannot be tried on this machine. A row that no peer passes has a note that says why; a peer that is older than a
    member of the specification fails its row by right.

    {string.Join("\n", columns.Select(column => $"- {column.Version}"))}

    {totals}.


    """;

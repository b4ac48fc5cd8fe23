using System.Text.RegularExpressions;

namespace Rundlet.Manual;

/// <summary>A flag as the help shows it.</summary>
/// <param name="Short">The letter, or null.</param>
/// <param name="Long">The name without dashes.</param>
/// <param name="Value">What its value is called, or null where it has none.</param>
/// <param name="Help">What it does.</param>
internal sealed record FlagRow(char? Short, string Long, string? Value, string Help);

/// <summary>A command as the help shows it.</summary>
internal sealed record CommandRow(string Name, string Help);

/// <summary>Rows under a heading.</summary>
internal sealed record HelpSection(string Title, IReadOnlyList<CommandRow> Commands, IReadOnlyList<FlagRow> Flags);

/// <summary>A command with its own help, and those behind it where it is a group.</summary>
internal sealed record CommandHelp(string Name, string Summary, HelpPage Page, params IReadOnlyList<CommandHelp> Commands);

/// <summary>A program with the help of all its commands.</summary>
internal sealed record ProgramHelp(string Name, HelpPage Page, IReadOnlyList<CommandHelp> Commands)
{
    /// <summary>Whether <c>PROGRAM __complete KIND</c> lists what there is of a kind.</summary>
    public bool ListsNames { get; init; }
}

//   Usage: rundlet run [FLAGS] IMAGE …          or first "runcs state: print the state …", then the usage
//
//   Create and start a container.               paragraphs
//
//   Resources:                                  a heading
//     -m, --memory SIZE         memory limit    a flag
//         --pids-limit NUMBER                   one whose help stands below
//                               how many …
//   Examples:                                   lines as they are

/// <summary>What a program's <c>--help</c> says, taken apart.</summary>
internal sealed partial class HelpPage
{
    private const string UsagePrefix = "Usage: ";
    private const string ExamplesTitle = "Examples";

    private HelpPage()
    {
    }

    /// <summary>How it is called.</summary>
    public string Usage { get; private set; } = "";

    /// <summary>What stands outside of all sections.</summary>
    public List<string> Paragraphs { get; } = [];

    /// <summary>What kind of thing the first word behind the flags names: <c>container</c>, <c>image</c>, <c>network</c> or <c>volume</c>; null for others.</summary>
    public string? Names => NameWord().Match(Usage) is { Success: true } word ? word.Groups["kind"].Value.ToLowerInvariant() : null;

    /// <summary>Headings with their rows.</summary>
    public List<HelpSection> Sections { get; } = [];

    /// <summary>Lines to type.</summary>
    public List<string> Examples { get; } = [];

    /// <summary>All commands.</summary>
    public IEnumerable<CommandRow> Commands => Sections.SelectMany(section => section.Commands);

    /// <summary>All flags.</summary>
    public IEnumerable<FlagRow> Flags => Sections.SelectMany(section => section.Flags);

    /// <summary>Takes a help text apart.</summary>
    /// <exception cref="InvalidDataException">It is not such a text.</exception>
    public static HelpPage Parse(string text)
    {
        HelpPage page = new();
        string? title = null;
        List<string> rows = [];
        foreach (string line in text.Split('\n'))
        {
            if (line.StartsWith(UsagePrefix))
                page.Usage = line[UsagePrefix.Length..].TrimEnd();
            else if (line.StartsWith("  "))
                rows.Add(line);
            else if (line.Length > 0)
            {
                page.Close(title, rows);
                bool heading = line.EndsWith(':');
                title = heading ? line[..^1] : null;
                if (!heading)
                    page.Paragraphs.Add(line);
            }
        }
        page.Close(title, rows);
        return page.Usage.Length > 0 ? page : throw new InvalidDataException("the help has no line 'Usage: …'");
    }

    private void Close(string? title, List<string> rows)
    {
        if (title == ExamplesTitle)
            Examples.AddRange(rows.Select(row => row.Trim()));
        else if (title is not null)
            Sections.Add(Section(title, rows));
        else if (rows.Count > 0)
            throw new InvalidDataException($"the help has a row under no heading: {rows[0]}");
        rows.Clear();
    }

    private static HelpSection Section(string title, List<string> rows)
    {
        List<CommandRow> commands = [];
        List<FlagRow> flags = [];
        for (int i = 0; i < rows.Count; i++)
        {
            string row = rows[i];
            while (i + 1 < rows.Count && Continued().IsMatch(rows[i + 1]))
                row = $"{row.TrimEnd()}  {rows[++i].Trim()}";
            if (Flag().Match(row) is { Success: true } flag)
                flags.Add(new FlagRow(flag.Groups["short"] is { Success: true } letter ? letter.Value[0] : null, flag.Groups["long"].Value, Optional(flag.Groups["value"]), flag.Groups["help"].Value.Trim()));
            else if (Command().Match(row) is { Success: true } command)
                commands.Add(new CommandRow(command.Groups["name"].Value, command.Groups["help"].Value.Trim()));
            else
                throw new InvalidDataException($"the help has a row that is not understood: {row}");
        }
        return new HelpSection(title, commands, flags);
    }

    private static string? Optional(Group group) => group.Success ? group.Value : null;

    [GeneratedRegex(@"^[a-z -]+(?: \[FLAGS\])? \[?(?<kind>CONTAINER|IMAGE|NETWORK|VOLUME)\b")]
    private static partial Regex NameWord();

    // Two blanks end a value; a single one may be part of it.
    [GeneratedRegex(@"^ {2}(?:-(?<short>\w), | {4})--(?<long>[\w-]+)(?: (?<value>\S+(?: \S+)*))?(?: {2,}(?<help>.*)| *)$")]
    private static partial Regex Flag();

    [GeneratedRegex(@"^ {2}(?<name>[a-z][a-z-]*)(?: {2,}(?<help>.*)| *)$")]
    private static partial Regex Command();

    [GeneratedRegex(@"^ {8,}[^- ]")]
    private static partial Regex Continued();
}

using System.Text;

namespace Rundlet.Manual;

/// <summary>Pages for man(1), in the macros of man(7).</summary>
internal static class ManPage
{
    /// <summary>The page of a program.</summary>
    public static string Of(ProgramHelp program)
    {
        StringBuilder page = Head(program.Name, program.Page.Paragraphs.FirstOrDefault() ?? program.Name, program.Page);
        Commands(page, program.Name, program.Page);
        Flags(page, program.Page);
        return page.ToString();
    }

    /// <summary>The page of a command.</summary>
    /// <param name="parent">The page above it, such as <c>rundlet</c> or <c>rundlet-image</c>.</param>
    /// <param name="command">The command.</param>
    public static string Of(string parent, CommandHelp command)
    {
        string name = $"{parent}-{command.Name}";
        StringBuilder page = Head(name, command.Summary, command.Page);
        Commands(page, name, command.Page);
        Flags(page, command.Page);
        if (command.Page.Examples.Count > 0)
        {
            Heading(page, "Examples");
            foreach (string example in command.Page.Examples)
                page.Append(".PP\n.EX\n").Append(Line(example)).Append(".EE\n");
        }
        Heading(page, "See also");
        page.Append(".BR ").Append(Text(parent)).Append(" (1)\n");
        return page.ToString();
    }

    private static StringBuilder Head(string name, string summary, HelpPage help)
    {
        StringBuilder page = new();
        page.Append(".TH ").Append(Text(name.ToUpperInvariant())).Append(" 1 \"\" Rundlet\n");
        Heading(page, "Name");
        string prefix = name + ": ";
        page.Append(Line($"{name} - {(summary.StartsWith(prefix) ? summary[prefix.Length..] : summary)}".TrimEnd('.')));
        Heading(page, "Synopsis");
        page.Append(Line(help.Usage));
        if (help.Paragraphs.Count > 1)
            Heading(page, "Description");
        foreach (string paragraph in help.Paragraphs.Skip(1))
            page.Append(".PP\n").Append(Line(paragraph));
        return page;
    }

    private static void Commands(StringBuilder page, string name, HelpPage help)
    {
        foreach (HelpSection section in help.Sections.Where(section => section.Commands.Count > 0))
        {
            Heading(page, section.Title);
            foreach (CommandRow command in section.Commands)
                page.Append(".TP\n.BR ").Append(Text($"{name}-{command.Name}")).Append(" (1)\n").Append(Line(command.Help));
        }
    }

    private static void Flags(StringBuilder page, HelpPage help)
    {
        foreach (HelpSection section in help.Sections.Where(section => section.Flags.Count > 0))
        {
            Heading(page, section.Title);
            foreach (FlagRow flag in section.Flags)
            {
                string names = (flag.Short is { } letter ? $"-{letter}, " : "") + "--" + flag.Long;
                page.Append(".TP\n\\fB").Append(Text(names)).Append("\\fR");
                if (flag.Value is not null)
                    page.Append(" \\fI").Append(Text(flag.Value)).Append("\\fR");
                page.Append('\n').Append(Line(flag.Help));
            }
        }
    }

    private static void Heading(StringBuilder page, string title) => page.Append(".SH ").Append(Text(title.ToUpperInvariant())).Append('\n');

    // A line that starts with a dot or a quote would be a macro.
    private static string Line(string text) => (text.StartsWith('.') || text.StartsWith('\'') ? "\\&" : "") + Text(text) + "\n";

    private static string Text(string text) => text.Replace("\\", "\\e").Replace("-", "\\-");
}

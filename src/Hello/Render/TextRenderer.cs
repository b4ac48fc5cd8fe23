using System.Text;
using Rundlet.Hello.Report;

namespace Rundlet.Hello.Render;

/// <summary>The report for a terminal: headings, aligned labels, aligned tables.</summary>
internal static class TextRenderer
{
    private const int LabelWidth = 24;
    private const int ValueWidth = 94;

    public static string Render(ContainerReport report)
    {
        var text = new StringBuilder();
        text.Append("Hello from ").Append(Clean(report.HostName)).Append(". This is what this container sees.\n");
        foreach (Section section in report.Sections)
        {
            text.Append('\n').Append(section.Title).Append('\n');
            foreach (Fact fact in section.Facts)
                text.Append("  ").Append(fact.Label.PadRight(LabelWidth)).Append(Wrap(Clean(fact.Value.Display))).Append('\n');
            foreach (Table table in section.Tables)
                Append(text, table);
        }
        return text.ToString();
    }

    private static void Append(StringBuilder text, Table table)
    {
        if (table.Rows.Count == 0)
        {
            text.Append("  ").Append(table.Title.PadRight(LabelWidth)).Append(table.WhenEmpty).Append('\n');
            return;
        }
        if (table.Title.Length > 0)
            text.Append("  ").Append(table.Title).Append('\n');
        IReadOnlyList<string>[] lines = [table.Columns, .. table.Rows];
        int[] widths = [.. table.Columns.Select((_, column) => lines.Max(line => Clean(line[column]).Length))];
        foreach (IReadOnlyList<string> line in lines)
        {
            text.Append("  ");
            for (int column = 0; column < widths.Length; column++)
            {
                string cell = Clean(line[column]);
                text.Append(column == widths.Length - 1 ? cell : cell.PadRight(widths[column] + 2));
            }
            while (text[^1] == ' ')
                text.Length--;
            text.Append('\n');
        }
    }

    // Long lists go on below their first item.
    private static string Wrap(string text)
    {
        var lines = new StringBuilder();
        ReadOnlySpan<char> rest = text;
        while (rest.Length > ValueWidth && rest[..ValueWidth].LastIndexOf(' ') is > 0 and var space)
        {
            lines.Append(rest[..space]).Append('\n').Append(' ', LabelWidth + 2);
            rest = rest[(space + 1)..];
        }
        return lines.Append(rest).ToString();
    }

    // Names come from outside: a control character must not reach the terminal.
    private static string Clean(string text) =>
        text.Any(char.IsControl) ? string.Concat(text.Select(symbol => char.IsControl(symbol) ? '?' : symbol)) : text;
}

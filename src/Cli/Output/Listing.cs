using System.Text;
using System.Text.Json;
using Rundlet.Cli.Output.Templates;
using Rundlet.Cli.Terminal;
using Rundlet.Linux;

namespace Rundlet.Cli.Output;

/// <summary>Items of a kind, and the ways to print them: a table, JSON lines, or a template of the user's.</summary>
/// <param name="table">Names of the columns of the table.</param>
/// <param name="columns">All columns, which JSON and templates know as members.</param>
internal sealed class Listing<T>(IReadOnlyList<string> table, params IReadOnlyList<Column<T>> columns)
{
    private const string TableWord = "table", JsonWord = "json";

    /// <summary>Items as text.</summary>
    /// <param name="items">The items, in order.</param>
    /// <param name="format">What <c>--format</c> says: <c>table</c>, <c>json</c>, <c>table TEMPLATE</c> or <c>TEMPLATE</c>; null is the table.</param>
    /// <param name="style">The looks of a table without a template; null for none.</param>
    /// <exception cref="ContainerException">InvalidArgument: the format is none of these.</exception>
    public string Print(IEnumerable<T> items, string? format, Style? style = null) => format switch
    {
        null or TableWord => AsTable(items, style),
        JsonWord => Lines(items, row => TemplateValue.Json(row)),
        _ when format.StartsWith(TableWord + " ", StringComparison.Ordinal) => AsTable(items, Read(format[(TableWord.Length + 1)..])),
        _ => Lines(items, Read(format).Render),
    };

    private string AsTable(IEnumerable<T> items, Style? style)
    {
        Column<T>[] shown = [.. table.Select(name => columns.First(column => column.Name == name))];
        Table text = new();
        text.Add([.. shown.Select(column => column.Heading)]);
        foreach (T item in items)
            text.Add([.. shown.Select(column => column.Value(item))], style is null ? null : (column, cell) => shown[column].Paint?.Invoke(item, style, cell) ?? cell);
        return text.ToString();
    }

    private string AsTable(IEnumerable<T> items, Template template)
    {
        Table text = new();
        text.AddLines(template.RenderHeadings(new Row(columns, column => column.Heading)));
        foreach (T item in items)
            text.AddLines(template.Render(RowOf(item)));
        return text.ToString();
    }

    private string Lines(IEnumerable<T> items, Func<Row, string> line)
    {
        StringBuilder text = new();
        foreach (T item in items)
            text.Append(line(RowOf(item))).Append('\n');
        return text.ToString();
    }

    private Row RowOf(T item) => new(columns, column => column.Value(item));

    private static Template Read(string format) => format.Contains("{{", StringComparison.Ordinal)
        ? Template.Parse(format.Trim(' '), unescapes: true)
        : throw new ContainerException(ContainerErrorKind.InvalidArgument, $"unknown format '{format}'") { Hint = "there are table, json, and templates such as '{{.ID}}'" };

    private sealed class Row(IReadOnlyList<Column<T>> columns, Func<Column<T>, string> value) : ITemplateObject
    {
        public IEnumerable<string> Names => columns.Select(column => column.Name);

        public bool TryGet(string name, out object? member)
        {
            Column<T>? column = columns.FirstOrDefault(column => column.Name == name);
            member = column is null ? null : value(column);
            return column is not null;
        }

        public void WriteTo(Utf8JsonWriter json)
        {
            json.WriteStartObject();
            foreach (Column<T> column in columns)
                json.WriteString(column.Name, value(column));
            json.WriteEndObject();
        }
    }
}

using System.Text;

namespace Rundlet.Cli.Metrics;

/// <summary>Labels of a sample as they stand in the text, escaped: <c>id="…",name="…"</c>.</summary>
internal readonly record struct MetricLabels(string? Text)
{
    /// <summary>No labels.</summary>
    public static MetricLabels None => default;

    /// <summary>These labels and one more.</summary>
    /// <param name="name">Letters, digits and underscores.</param>
    /// <param name="value">Anything.</param>
    public MetricLabels With(string name, string value)
    {
        StringBuilder text = new(Text);
        if (text.Length > 0)
            text.Append(',');
        text.Append(name).Append("=\"");
        AppendEscaped(text, value, quotes: true);
        return new MetricLabels(text.Append('"').ToString());
    }

    /// <summary>What a container's label is called as a label of a metric: what cannot stand in such a name is an underscore.</summary>
    public static string NameOf(string containerLabel)
    {
        StringBuilder name = new("container_label_");
        foreach (char character in containerLabel)
            name.Append(char.IsAsciiLetterOrDigit(character) ? character : '_');
        return name.ToString();
    }

    /// <summary>Escapes a value, or a text of help, which has no quotes around it.</summary>
    /// <remarks>Both formats escape three characters. A NUL ends the input of some parsers: nobody may cut a page short by a label.</remarks>
    public static void AppendEscaped(StringBuilder text, string value, bool quotes)
    {
        foreach (char character in value)
        {
            switch (character)
            {
                case '\\':
                    text.Append("\\\\");
                    break;
                case '\n':
                    text.Append("\\n");
                    break;
                case '"' when quotes:
                    text.Append("\\\"");
                    break;
                case '\0':
                    text.Append('\uFFFD');
                    break;
                default:
                    text.Append(character);
                    break;
            }
        }
    }
}

using System.Text.Json;
using Rundlet.Cli.Output.Templates;

namespace Rundlet.Cli.Output;

/// <summary>What <c>--format</c> makes of a JSON document: itself on one line, or what a template takes from it.</summary>
/// <param name="format"><c>json</c>, or a template.</param>
internal sealed class DocumentFormat(string format)
{
    private const string Whole = "{{json .}}";

    private readonly Template _template = Template.Parse(format == "json" ? Whole : format);

    /// <summary>Prints documents: one on each line by a format, or without one as an array.</summary>
    /// <param name="format">The format; null for none.</param>
    /// <param name="documents">Each writes the members of its object.</param>
    /// <exception cref="Linux.ContainerException">InvalidArgument: one does not have what the template asks for.</exception>
    public static void PrintAll(DocumentFormat? format, IReadOnlyList<Action<Utf8JsonWriter>> documents)
    {
        if (format is null)
            Out.Line(Json.Array(documents));
        foreach (Action<Utf8JsonWriter> document in format is null ? [] : documents)
            Out.Line(format!.Print(Json.Object(document)));
    }

    /// <summary>A document as text, without an end of line.</summary>
    /// <exception cref="Linux.ContainerException">InvalidArgument: it does not have what the template asks for.</exception>
    public string Print(string json)
    {
        using JsonDocument document = JsonDocument.Parse(json);
        return _template.Render(JsonObject.ValueOf(document.RootElement));
    }
}

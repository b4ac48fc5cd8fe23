using System.Text.Json;
using Rundlet.Cli.Output.Templates;

namespace Rundlet.Cli.Output;

/// <summary>What <c>--format</c> makes of a JSON document: itself on one line, or what a template takes from it.</summary>
/// <param name="format"><c>json</c>, or a template.</param>
internal sealed class DocumentFormat(string format)
{
    private const string Whole = "{{json .}}";

    private readonly Template _template = Template.Parse(format == "json" ? Whole : format);

    /// <summary>A document as text, without an end of line.</summary>
    /// <exception cref="Linux.ContainerException">InvalidArgument: it does not have what the template asks for.</exception>
    public string Print(string json)
    {
        using JsonDocument document = JsonDocument.Parse(json);
        return _template.Render(JsonObject.ValueOf(document.RootElement));
    }
}

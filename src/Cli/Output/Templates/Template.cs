using System.Text;
using Rundlet.Linux;

namespace Rundlet.Cli.Output.Templates;

/// <summary>
/// A template as docker's <c>--format</c> takes it: Go's text/template without <c>define</c>, <c>block</c> and <c>template</c>, over values that
/// JSON can have. Tokens, tree, run, in the three files of these names.
/// </summary>
internal sealed class Template
{
    // It is typed by hand; a bound here bounds the depth of the tree.
    private const int MaxLength = 16 << 10;

    private readonly TemplateSource _source;
    private readonly IReadOnlyList<TemplateNode> _nodes;

    private Template(TemplateSource source)
    {
        _source = source;
        _nodes = TemplateParser.Parse(source);
    }

    /// <summary>Reads a template.</summary>
    /// <param name="text">What the user wrote.</param>
    /// <param name="unescapes">Whether <c>\t</c> and <c>\n</c> mean a tab and a new line outside of actions too: shells leave them so, and docker replaces them in listings.</param>
    /// <exception cref="ContainerException">InvalidArgument: it is none; says where and why.</exception>
    public static Template Parse(string text, bool unescapes = false)
    {
        var source = new TemplateSource(text, unescapes);
        return text.Length <= MaxLength ? new Template(source) : throw source.Error(MaxLength, $"longer than {MaxLength} characters");
    }

    /// <summary>What it makes of a value.</summary>
    /// <exception cref="ContainerException">InvalidArgument: the value does not have what the template asks for.</exception>
    public string Render(object? value) => Render(value, headings: false);

    /// <summary>The heading of a table whose rows it makes.</summary>
    /// <param name="headings">An object whose members are headings.</param>
    /// <inheritdoc cref="Render(object?)" path="/exception"/>
    public string RenderHeadings(ITemplateObject headings) => Render(headings, headings: true);

    private string Render(object? value, bool headings)
    {
        StringBuilder output = new();
        new TemplateRun(_source, output, headings).Run(_nodes, value);
        return output.ToString();
    }
}

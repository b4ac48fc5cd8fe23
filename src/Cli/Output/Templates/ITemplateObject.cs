using System.Text.Json;

namespace Rundlet.Cli.Output.Templates;

/// <summary>A value with members: an object of a JSON document, or a row of a listing.</summary>
internal interface ITemplateObject
{
    /// <summary>The members, in their order.</summary>
    IEnumerable<string> Names { get; }

    /// <summary>
    /// A member: null, <see cref="bool"/>, <see cref="long"/>, <see cref="double"/>, <see cref="string"/>, a list of such values, or a further
    /// object; false where there is none.
    /// </summary>
    bool TryGet(string name, out object? value);

    /// <summary>Writes it as JSON.</summary>
    void WriteTo(Utf8JsonWriter json);
}

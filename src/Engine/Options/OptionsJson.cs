using System.Text.Json;
using System.Text.Json.Serialization;

namespace Rundlet.Engine.Options;

/// <summary>
/// Writes the document of <see cref="ContainerOptions"/> that a row of the database keeps; <see cref="OptionsReader"/> reads it. Made for
/// writing alone, it has no tables to build at the start of a command.
/// </summary>
[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase,
    DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull,
    GenerationMode = JsonSourceGenerationMode.Serialization)]
[JsonSerializable(typeof(ContainerOptions))]
internal sealed partial class OptionsJson : JsonSerializerContext
{
    /// <summary>The document of these options.</summary>
    public static string Write(ContainerOptions options) => JsonSerializer.Serialize(options, Default.ContainerOptions);
}

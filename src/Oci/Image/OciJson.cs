using System.Text.Json.Serialization;

namespace Rundlet.Oci;

/// <summary>
/// Writes the image documents, for the engine; <see cref="ImageWriter"/> is the way to it, and <see cref="ImageReader"/> reads them.
/// <c>runcs</c> must not reach it: it would add a megabyte.
/// </summary>
[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase,
    DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull,
    RespectNullableAnnotations = true,
    AllowDuplicateProperties = false)]
[JsonSerializable(typeof(ImageIndex))]
[JsonSerializable(typeof(ImageManifest))]
[JsonSerializable(typeof(ImageConfig))]
[JsonSerializable(typeof(ImageLayout))]
public sealed partial class OciJson : JsonSerializerContext;

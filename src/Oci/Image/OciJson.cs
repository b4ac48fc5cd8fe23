using System.Text.Json.Serialization;

namespace Rundlet.Oci;

/// <summary>
/// Codec of the image documents, for the engine; <see cref="ImageReader"/> and <see cref="ImageWriter"/> are the way to it.
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

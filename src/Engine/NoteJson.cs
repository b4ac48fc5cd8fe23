using System.Text.Json.Serialization;
using Rundlet.Engine.Operations;
using Rundlet.Engine.Options;

namespace Rundlet.Engine;

/// <summary>Writes the documents of networks, which <see cref="EngineJson"/> reads. Made for writing alone, it has no tables to build at the start of a command.</summary>
[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase,
    DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull,
    GenerationMode = JsonSourceGenerationMode.Serialization)]
[JsonSerializable(typeof(EndpointOptions))]
[JsonSerializable(typeof(NetworkNote))]
[JsonSerializable(typeof(NetworkOptions))]
internal sealed partial class NoteJson : JsonSerializerContext;

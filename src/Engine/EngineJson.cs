using System.Text.Json.Serialization;
using Rundlet.Engine.Diagnosis;
using Rundlet.Engine.Operations;
using Rundlet.Engine.Options;

namespace Rundlet.Engine;

/// <summary>The engine's own documents.</summary>
[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase, DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull)]
[JsonSerializable(typeof(EndpointOptions))]
[JsonSerializable(typeof(NetworkNote))]
[JsonSerializable(typeof(NetworkOptions))]
[JsonSerializable(typeof(OldNetworkNote))]
[JsonSerializable(typeof(StartFailure))]
[JsonSerializable(typeof(Dictionary<string, string>))]
internal sealed partial class EngineJson : JsonSerializerContext;

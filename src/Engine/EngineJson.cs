using System.Text.Json.Serialization;
using Rundlet.Engine.Diagnosis;
using Rundlet.Engine.Operations;

namespace Rundlet.Engine;

/// <summary>The engine's own documents.</summary>
[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase, DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull)]
[JsonSerializable(typeof(NetworkNote))]
[JsonSerializable(typeof(StartFailure))]
[JsonSerializable(typeof(Dictionary<string, string>))]
internal sealed partial class EngineJson : JsonSerializerContext;

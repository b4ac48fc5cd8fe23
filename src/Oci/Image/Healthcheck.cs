using System.Text.Json.Serialization;

namespace Rundlet.Oci;

/// <summary>How to see whether a container works (Docker image configuration).</summary>
public sealed class Healthcheck
{
    /// <summary><c>NONE</c>; <c>CMD</c> and arguments; or <c>CMD-SHELL</c> and a line. Empty inherits.</summary>
    [JsonPropertyName("Test")]
    public List<string>? Test { get; set; }

    /// <summary>Nanoseconds between tests; 0 inherits.</summary>
    [JsonPropertyName("Interval")]
    public long Interval { get; set; }

    /// <summary>Nanoseconds until a test has failed; 0 inherits.</summary>
    [JsonPropertyName("Timeout")]
    public long Timeout { get; set; }

    /// <summary>Nanoseconds after the start in which failures do not count; 0 inherits.</summary>
    [JsonPropertyName("StartPeriod")]
    public long StartPeriod { get; set; }

    /// <summary>Nanoseconds between tests during the start period; 0 inherits.</summary>
    [JsonPropertyName("StartInterval")]
    public long StartInterval { get; set; }

    /// <summary>Failures in a row that make a container unhealthy; 0 inherits.</summary>
    [JsonPropertyName("Retries")]
    public int Retries { get; set; }
}

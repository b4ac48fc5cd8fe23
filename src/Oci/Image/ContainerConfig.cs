using System.Text.Json.Serialization;

namespace Rundlet.Oci;

/// <summary>What a container of an image runs by default (image-spec, config.md; with Docker’s extensions).</summary>
public sealed class ContainerConfig
{
    /// <summary><c>user</c>, <c>uid</c>, <c>user:group</c> or a mix; names are those of the image.</summary>
    [JsonPropertyName("User")]
    public string? User { get; set; }

    /// <summary>Ports as <c>80/tcp</c>, <c>53/udp</c> or <c>80</c>.</summary>
    [JsonPropertyName("ExposedPorts")]
    [JsonConverter(typeof(KeySetConverter))]
    public List<string>? ExposedPorts { get; set; }

    /// <summary>Environment as <c>NAME=value</c>.</summary>
    [JsonPropertyName("Env")]
    public List<string>? Env { get; set; }

    /// <summary>Program and first arguments.</summary>
    [JsonPropertyName("Entrypoint")]
    public List<string>? Entrypoint { get; set; }

    /// <summary>Further arguments, or the program when there is no entry point; a user’s arguments replace them.</summary>
    [JsonPropertyName("Cmd")]
    public List<string>? Cmd { get; set; }

    /// <summary>Paths inside the container that hold data of their own.</summary>
    [JsonPropertyName("Volumes")]
    [JsonConverter(typeof(KeySetConverter))]
    public List<string>? Volumes { get; set; }

    /// <summary>Working directory.</summary>
    [JsonPropertyName("WorkingDir")]
    public string? WorkingDir { get; set; }

    /// <summary>Free metadata.</summary>
    [JsonPropertyName("Labels")]
    public Dictionary<string, string>? Labels { get; set; }

    /// <summary>Signal that ends the container: <c>SIGTERM</c>, <c>15</c>.</summary>
    [JsonPropertyName("StopSignal")]
    public string? StopSignal { get; set; }

    /// <summary>How to see whether it works (Docker).</summary>
    [JsonPropertyName("Healthcheck")]
    public Healthcheck? Healthcheck { get; set; }

    /// <summary>Shell of the build’s shell forms (Docker).</summary>
    [JsonPropertyName("Shell")]
    public List<string>? Shell { get; set; }

    /// <summary>Build steps for images made from this one (Docker).</summary>
    [JsonPropertyName("OnBuild")]
    public List<string>? OnBuild { get; set; }
}

using System.Text.Encodings.Web;
using System.Text.Json;
using Rundlet.Linux;
using Rundlet.Oci;

namespace Rundlet.Images.Archives;

/// <summary>An image in the <c>manifest.json</c> of a Docker archive.</summary>
/// <param name="Config">Name of its configuration's file.</param>
/// <param name="RepoTags">What it is called.</param>
/// <param name="Layers">Names of its layers' files, lowest first.</param>
internal sealed record DockerManifest(string Config, IReadOnlyList<string> RepoTags, IReadOnlyList<string> Layers)
{
    /// <summary>The file's name.</summary>
    public const string FileName = "manifest.json";

    /// <summary>Writes the document.</summary>
    public static byte[] Write(IReadOnlyList<DockerManifest> images)
    {
        var bytes = new MemoryStream();
        using (var json = new Utf8JsonWriter(bytes, new JsonWriterOptions { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping }))
        {
            json.WriteStartArray();
            foreach (DockerManifest image in images)
            {
                json.WriteStartObject();
                json.WriteString("Config"u8, image.Config);
                WriteList(json, "RepoTags", image.RepoTags);
                WriteList(json, "Layers", image.Layers);
                json.WriteEndObject();
            }
            json.WriteEndArray();
        }
        return bytes.ToArray();
    }

    /// <summary>Reads the document.</summary>
    /// <exception cref="ContainerException"><see cref="ContainerErrorKind.InvalidArgument"/>: it is none.</exception>
    public static IReadOnlyList<DockerManifest> Read(byte[] json)
    {
        try
        {
            using JsonDocument document = JsonDocument.Parse(json, new JsonDocumentOptions { AllowDuplicateProperties = false });
            return [.. document.RootElement.EnumerateArray().Select(image => new DockerManifest(
                image.GetProperty("Config"u8).GetString() ?? throw new FormatException(),
                ReadList(image, "RepoTags"),
                ReadList(image, "Layers")))];
        }
        catch (Exception error) when (error is JsonException or FormatException or KeyNotFoundException or InvalidOperationException)
        {
            // The framework's texts may be missing from a trimmed program.
            throw new ContainerException(ContainerErrorKind.InvalidArgument, $"'{FileName}' is not a list of images with 'Config' and 'Layers'");
        }
    }

    private static void WriteList(Utf8JsonWriter json, string name, IReadOnlyList<string> values)
    {
        json.WriteStartArray(name);
        foreach (string value in values)
            json.WriteStringValue(value);
        json.WriteEndArray();
    }

    /// <summary>Absent and null are an empty list: an image may have no name, and no layer.</summary>
    private static List<string> ReadList(JsonElement image, string name) =>
        !image.TryGetProperty(name, out JsonElement list) || list.ValueKind == JsonValueKind.Null
            ? []
            : [.. list.EnumerateArray().Select(value => value.GetString() ?? throw new FormatException())];
}

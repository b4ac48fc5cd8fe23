using System.Text.Json;
using Rundlet.Oci;

namespace Rundlet.Images.Trust;

/// <summary>
/// What a signature says (containers/image, docs/containers-signature.5.md; cosign has its form from there):
/// <code>
/// {"critical": {"type": "cosign container image signature",
///               "image": {"docker-manifest-digest": "sha256:…"}, "identity": {"docker-reference": "registry/repository"}},
///  "optional": …}
/// </code>
/// In <c>critical</c> nothing may stand that a reader does not know.
/// </summary>
/// <param name="Manifest">Of which image.</param>
/// <param name="Reference">What the signer calls it.</param>
internal sealed record SimpleSigning(Digest Manifest, SignedReference Reference)
{
    private const string Type = "cosign container image signature";

    /// <summary>Reads the payload of a signature that was verified.</summary>
    /// <exception cref="FormatException">It is none; says what is wrong.</exception>
    public static SimpleSigning Read(byte[] payload)
    {
        try
        {
            using JsonDocument document = JsonDocument.Parse(payload, new JsonDocumentOptions { AllowDuplicateProperties = false });
            JsonElement root = Exact(document.RootElement, "the payload", ["critical"], ["optional"]);
            JsonElement critical = Exact(root.GetProperty("critical"u8), "'critical'", ["type", "image", "identity"]);
            JsonElement image = Exact(critical.GetProperty("image"u8), "'image'", ["docker-manifest-digest"]);
            JsonElement identity = Exact(critical.GetProperty("identity"u8), "'identity'", ["docker-reference"]);
            if (Text(critical, "type") != Type)
                throw new FormatException("its type is another");
            if (!Digest.TryParse(Text(image, "docker-manifest-digest"), out Digest manifest))
                throw new FormatException("its digest is none");
            return new SimpleSigning(manifest, SignedReference.TryParse(Text(identity, "docker-reference")) ?? throw new FormatException("its reference is none"));
        }
        catch (Exception error) when (error is JsonException or InvalidOperationException)
        {
            throw new FormatException("it is malformed"); // the framework's texts may be missing from a trimmed program
        }
    }

    private static JsonElement Exact(JsonElement json, string what, string[] members, string[]? optional = null)
    {
        if (json.ValueKind != JsonValueKind.Object)
            throw new FormatException($"{what} is not an object");
        foreach (JsonProperty member in json.EnumerateObject())
        {
            if (!members.Contains(member.Name) && optional?.Contains(member.Name) != true)
                throw new FormatException($"{what} has an unknown member");
        }
        return Array.TrueForAll(members, member => json.TryGetProperty(member, out _)) ? json : throw new FormatException($"{what} lacks a member");
    }

    private static string Text(JsonElement json, string member) =>
        json.GetProperty(member) is { ValueKind: JsonValueKind.String } text ? text.GetString()! : throw new FormatException($"'{member}' is not text");
}

using System.Security.Cryptography;
using System.Text.Json;
using Rundlet.Oci;

namespace Rundlet.Images.Registry;

/// <summary>Digests of what is held in memory, by any algorithm that a digest may have.</summary>
internal static class ContentDigest
{
    /// <summary>Computes it.</summary>
    /// <param name="content">The content.</param>
    /// <param name="algorithm"><c>sha256</c> or <c>sha512</c>, as <see cref="Digest.Algorithm"/> has it.</param>
    public static Digest Of(ReadOnlySpan<byte> content, string algorithm) =>
        algorithm == "sha512" ? Digest.FromSha512(SHA512.HashData(content)) : Digest.Of(content);

    /// <summary>Whether a document is a manifest of Docker's schema 1.</summary>
    public static bool IsSchemaOne(byte[] json)
    {
        try
        {
            using JsonDocument document = JsonDocument.Parse(json);
            return document.RootElement.ValueKind == JsonValueKind.Object
                && document.RootElement.TryGetProperty("schemaVersion", out JsonElement version) && version.ValueKind == JsonValueKind.Number
                && version.TryGetInt32(out int number) && number == 1;
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException)
        {
            return false;
        }
    }
}

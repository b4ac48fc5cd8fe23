using System.Security.Cryptography;
using System.Text;

namespace Rundlet.Images.Tests.Registry;

/// <summary>The documents and blobs of an image, made of random layers; enough for a registry, which looks into none.</summary>
public sealed class TestImage
{
    public const string ManifestType = "application/vnd.oci.image.manifest.v1+json";

    public TestImage(params int[] layers)
    {
        Config = Encoding.UTF8.GetBytes($$"""{"architecture":"amd64","os":"linux","rootfs":{"type":"layers","diff_ids":[]},"note":"{{Guid.NewGuid()}}"}""");
        Layers = [.. layers.Select(RandomNumberGenerator.GetBytes)];
        string list = string.Join(',', Layers.Select(layer => Describe("application/vnd.oci.image.layer.v1.tar", layer)));
        Manifest = Encoding.UTF8.GetBytes(
            $$"""{"schemaVersion":2,"mediaType":"{{ManifestType}}","config":{{Describe("application/vnd.oci.image.config.v1+json", Config)}},"layers":[{{list}}]}""");
    }

    public byte[] Config { get; }

    public IReadOnlyList<byte[]> Layers { get; }

    public byte[] Manifest { get; }

    public string ManifestDigest => DigestOf(Manifest);

    public static string DigestOf(byte[] content) => "sha256:" + Convert.ToHexStringLower(SHA256.HashData(content));

    public static string Describe(string type, byte[] content) => $$"""{"mediaType":"{{type}}","digest":"{{DigestOf(content)}}","size":{{content.Length}}}""";
}

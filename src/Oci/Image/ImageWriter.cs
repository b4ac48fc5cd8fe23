using System.Text.Encodings.Web;
using System.Text.Json;

namespace Rundlet.Oci;

/// <summary>Writes image documents in UTF-8; absent members are left out.</summary>
public static class ImageWriter
{
    // The relaxed encoder leaves the '+' of media types as it is. These documents never stand inside HTML.
    private static readonly OciJson Codec = new(new JsonSerializerOptions(OciJson.Default.Options) { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping });

    public static byte[] ToBytes(ImageIndex index) => JsonSerializer.SerializeToUtf8Bytes(index, Codec.ImageIndex);

    public static byte[] ToBytes(ImageManifest manifest) => JsonSerializer.SerializeToUtf8Bytes(manifest, Codec.ImageManifest);

    public static byte[] ToBytes(ImageConfig config) => JsonSerializer.SerializeToUtf8Bytes(config, Codec.ImageConfig);

    public static byte[] ToBytes(ImageLayout layout) => JsonSerializer.SerializeToUtf8Bytes(layout, Codec.ImageLayout);
}

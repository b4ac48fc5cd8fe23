using System.Text.Json;
using System.Text.Json.Serialization;

namespace Rundlet.Oci;

/// <summary>A digest is a string in documents.</summary>
internal sealed class DigestConverter : JsonConverter<Digest>
{
    public override Digest Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options) =>
        reader.TokenType == JsonTokenType.String && Digest.TryParse(reader.GetString(), out Digest digest)
            ? digest
            : throw new JsonException("expected a sha256 or sha512 digest");

    public override void Write(Utf8JsonWriter writer, Digest value, JsonSerializerOptions options)
    {
        if (value.IsEmpty)
            throw new JsonException("the digest is empty");
        writer.WriteStringValue(value.ToString());
    }
}

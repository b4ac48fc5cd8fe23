using System.Text;
using System.Text.Json;

namespace Rundlet.Images.Registry.Http;

/// <summary>Small bodies of answers.</summary>
internal static class ResponseBody
{
    private const int MostShown = 300, ComplaintBytes = 64 << 10;

    /// <summary>Reads a body whole.</summary>
    /// <exception cref="InvalidDataException">It is longer than allowed.</exception>
    /// <exception cref="IOException">The connection broke.</exception>
    public static byte[] Read(HttpResponseMessage answer, int limit)
    {
        if (answer.Content.Headers.ContentLength > limit)
            throw new InvalidDataException($"more than {limit} bytes");
        using Stream body = answer.Content.ReadAsStream();
        byte[] bytes = new byte[Math.Min(answer.Content.Headers.ContentLength ?? 4096, limit) + 1];
        int length = 0;
        while (body.Read(bytes.AsSpan(length)) is > 0 and int got)
        {
            length += got;
            if (length > limit)
                throw new InvalidDataException($"more than {limit} bytes");
            if (length == bytes.Length)
                Array.Resize(ref bytes, (int)Math.Min(2L * length, limit + 1L));
        }
        return bytes.AsSpan(0, length).ToArray();
    }

    /// <summary>What an answer complains of, for the end of a message: <c>: CODE: text</c>; empty where it does not say.</summary>
    public static string Complaint(HttpResponseMessage answer)
    {
        try
        {
            return Complaint(Read(answer, ComplaintBytes));
        }
        catch (Exception e) when (e is IOException or InvalidDataException or HttpRequestException or OperationCanceledException)
        {
            return ""; // the status says enough
        }
    }

    /// <summary>As above, of a body: <c>errors[0]</c> of distribution-spec, "Error Codes", or OAuth's <c>error</c>.</summary>
    public static string Complaint(byte[] body)
    {
        try
        {
            using JsonDocument document = JsonDocument.Parse(body);
            JsonElement json = document.RootElement;
            if (json.ValueKind == JsonValueKind.Object && json.TryGetProperty("errors", out JsonElement errors) && errors.ValueKind == JsonValueKind.Array && errors.GetArrayLength() > 0)
                json = errors[0];
            string?[] parts = [Text(json, "code"), Text(json, "error"), Text(json, "message"), Text(json, "details"), Text(json, "error_description")];
            string text = string.Join(": ", parts.Where(part => !string.IsNullOrWhiteSpace(part)));
            byte[] bytes = Encoding.UTF8.GetBytes(text.Length > MostShown ? text[..MostShown] : text);
            return text.Length == 0 ? "" : $": {ByteText.Show(bytes)}";
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException)
        {
            return ""; // a page for people, or text that is not Unicode
        }
    }

    private static string? Text(JsonElement json, string name) =>
        json.ValueKind == JsonValueKind.Object && json.TryGetProperty(name, out JsonElement member) && member.ValueKind == JsonValueKind.String ? member.GetString() : null;
}

using System.Text;

namespace Rundlet.Images.Tests.Registry;

/// <summary>An answer, and how it goes wrong.</summary>
public sealed record RawAnswer(int Status, params IReadOnlyList<(string Name, string Value)> Fields)
{
    /// <summary>The body.</summary>
    public byte[] Body { get; init; } = [];

    /// <summary>What to say of its length; null for the truth.</summary>
    public long? Declared { get; init; }

    /// <summary>After how many bytes of the body the connection is reset; null for never.</summary>
    public int? ResetAfter { get; init; }

    /// <summary>After how many bytes of the body nothing more comes; null for never.</summary>
    public int? StallAfter { get; init; }

    /// <summary>Whether the body comes in chunks, without a length.</summary>
    public bool Chunked { get; init; }

    /// <summary>No answer: the connection ends.</summary>
    public static RawAnswer HangUp { get; } = new(0);

    public static RawAnswer Ok(byte[] body, params (string Name, string Value)[] fields) => new(200, fields) { Body = body };

    public static RawAnswer Text(int status, string body, params (string Name, string Value)[] fields) => new(status, fields) { Body = Encoding.UTF8.GetBytes(body) };

    /// <summary>A part of a content, as a request asks for it; the whole where it does not.</summary>
    public static RawAnswer Part(RawRequest request, byte[] content)
    {
        if (request["Range"] is not { } range)
            return Ok(content);
        int from = int.Parse(range["bytes=".Length..^1]);
        return new RawAnswer(206, ("Content-Range", $"bytes {from}-{content.Length - 1}/{content.Length}")) { Body = content[from..] };
    }
}

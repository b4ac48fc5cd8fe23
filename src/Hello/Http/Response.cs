using System.Text;

namespace Rundlet.Hello.Http;

/// <summary>An answer that ends with the connection.</summary>
/// <param name="Status">Code and reason, such as "200 OK".</param>
internal sealed record Response(string Status, string ContentType, byte[] Body)
{
    /// <summary>The methods of a 405 answer.</summary>
    public string? Allow { get; init; }

    /// <summary>True for HEAD: the length is said, the body is not sent.</summary>
    public bool HeadOnly { get; init; }

    public static Response Plain(string status, string text) => new(status, "text/plain; charset=utf-8", Encoding.UTF8.GetBytes(text));

    public byte[] ToBytes()
    {
        string allow = Allow is null ? "" : $"Allow: {Allow}\r\n";
        byte[] head = Encoding.ASCII.GetBytes(
            $"HTTP/1.1 {Status}\r\nContent-Type: {ContentType}\r\nContent-Length: {Body.Length}\r\n{allow}"
            + "Cache-Control: no-store\r\nX-Content-Type-Options: nosniff\r\nConnection: close\r\n\r\n");
        return HeadOnly ? head : [.. head, .. Body];
    }
}

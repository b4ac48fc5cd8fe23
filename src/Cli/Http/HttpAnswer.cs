using System.Text;

namespace Rundlet.Cli.Http;

/// <summary>An answer that ends with its connection.</summary>
/// <param name="Status">The code.</param>
/// <param name="ContentType">What the body is.</param>
/// <param name="Body">The body.</param>
internal sealed record HttpAnswer(int Status, string ContentType, byte[] Body)
{
    /// <summary>A line of text.</summary>
    public static HttpAnswer Plain(int status, string line) => new(status, "text/plain; charset=utf-8", Encoding.UTF8.GetBytes(line + "\n"));

    /// <summary>The answer to what is no request, or none for this server.</summary>
    public static HttpAnswer Refusal(int status) => Plain(status, status switch
    {
        405 => "only GET and HEAD",
        413 => "no body is taken",
        414 => "the request line is too long",
        431 => "there are too many header fields, or too long ones",
        505 => "only HTTP/1.1",
        _ => "this is no request",
    });

    /// <summary>The bytes to send.</summary>
    /// <param name="headOnly">Whether the body is only announced.</param>
    public ReadOnlyMemory<byte> ToBytes(bool headOnly)
    {
        byte[] head = Encoding.ASCII.GetBytes(
            $"HTTP/1.1 {Status} {ReasonOf(Status)}\r\nContent-Type: {ContentType}\r\nContent-Length: {Body.Length}\r\n{(Status == 405 ? "Allow: GET, HEAD\r\n" : "")}"
            + "Cache-Control: no-store\r\nX-Content-Type-Options: nosniff\r\nConnection: close\r\n\r\n");
        return headOnly ? head : (byte[])[.. head, .. Body];
    }

    private static string ReasonOf(int status) => status switch
    {
        200 => "OK",
        400 => "Bad Request",
        403 => "Forbidden",
        404 => "Not Found",
        405 => "Method Not Allowed",
        408 => "Request Timeout",
        413 => "Content Too Large",
        414 => "URI Too Long",
        431 => "Request Header Fields Too Large",
        503 => "Service Unavailable",
        505 => "HTTP Version Not Supported",
        _ => "Error",
    };
}

using System.Text;

namespace Rundlet.Cli.Http;

/// <summary>
/// A request without a body, RFC 9112, read strictly: what two readers could understand in two ways is refused, as are bodies.
/// </summary>
/// <param name="Method"><c>GET</c> or <c>HEAD</c>.</param>
/// <param name="Path">The target without its query, as it was sent.</param>
/// <param name="Host">The one <c>Host</c> field.</param>
/// <param name="Accept">All <c>Accept</c> fields, with commas between.</param>
internal sealed record RequestHead(string Method, string Path, string Host, string Accept)
{
    /// <summary>The longest head, in bytes.</summary>
    public const int MaxBytes = 8 << 10;

    private const int MaxLine = 2 << 10;
    private const int MaxFields = 64;

    /// <summary>Reads what has come so far.</summary>
    /// <param name="bytes">The bytes from the connection's beginning.</param>
    /// <param name="head">The request, once it is whole and good.</param>
    /// <returns>0: more must come; 200: there is <paramref name="head"/>; else the status of the refusal.</returns>
    public static int Read(ReadOnlySpan<byte> bytes, out RequestHead? head)
    {
        head = null;
        int end = bytes.IndexOf("\r\n\r\n"u8);
        if (end < 0)
        {
            if (HasWrongByte(bytes))
                return 400;
            int line = bytes.IndexOf((byte)'\n');
            if (line < 0 && bytes.Length > MaxLine)
                return 414;
            return bytes.Length >= MaxBytes ? 431 : 0;
        }
        ReadOnlySpan<byte> text = bytes[..end];
        if (HasWrongByte(text) || text.EndsWith("\r"u8))
            return 400;
        ReadOnlySpan<byte> first = NextLine(ref text);
        if (first.Length > MaxLine)
            return 414;
        int status = ReadRequestLine(first, out string method, out string path);
        if (status != 200)
            return status;
        status = ReadFields(text, out string? host, out string accept);
        if (status == 200)
            head = new RequestHead(method, path, host!, accept);
        return status;
    }

    // A line ends in CR LF and in nothing else; control characters are in no line, blanks and tabs may be.
    private static bool HasWrongByte(ReadOnlySpan<byte> bytes)
    {
        for (int i = 0; i < bytes.Length; i++)
        {
            byte one = bytes[i];
            if (one is 0x7F || (one < ' ' && one is not ((byte)'\t' or (byte)'\r' or (byte)'\n')))
                return true;
            if (one == '\n' && (i == 0 || bytes[i - 1] != '\r'))
                return true;
            if (one == '\r' && i + 1 < bytes.Length && bytes[i + 1] != '\n')
                return true;
        }
        return false;
    }

    private static ReadOnlySpan<byte> NextLine(ref ReadOnlySpan<byte> text)
    {
        int end = text.IndexOf("\r\n"u8);
        ReadOnlySpan<byte> line = end < 0 ? text : text[..end];
        text = end < 0 ? default : text[(end + 2)..];
        return line;
    }

    private static int ReadRequestLine(ReadOnlySpan<byte> line, out string method, out string path)
    {
        method = path = "";
        if (line.Count((byte)' ') != 2)
            return 400;
        int first = line.IndexOf((byte)' '), second = line.LastIndexOf((byte)' ');
        ReadOnlySpan<byte> verb = line[..first], target = line[(first + 1)..second], version = line[(second + 1)..];
        if (!IsToken(verb) || target.IsEmpty || target.ContainsAnyExceptInRange((byte)'!', (byte)'~'))
            return 400;
        if (version.Length != 8 || !version.StartsWith("HTTP/"u8) || !char.IsAsciiDigit((char)version[5]) || version[6] != '.' || !char.IsAsciiDigit((char)version[7]))
            return 400;
        if (version[5] != '1')
            return 505;
        if (!verb.SequenceEqual("GET"u8) && !verb.SequenceEqual("HEAD"u8))
            return 405;
        if (target[0] != '/')
            return 400;
        int query = target.IndexOf((byte)'?');
        method = Encoding.ASCII.GetString(verb);
        path = Encoding.ASCII.GetString(query < 0 ? target : target[..query]);
        return 200;
    }

    private static int ReadFields(ReadOnlySpan<byte> text, out string? host, out string accept)
    {
        host = null;
        accept = "";
        for (int count = 0; !text.IsEmpty; count++)
        {
            if (count == MaxFields)
                return 431;
            ReadOnlySpan<byte> line = NextLine(ref text);
            int colon = line.IndexOf((byte)':');
            if (colon < 0 || !IsToken(line[..colon])) // a line that goes on from the one before has no name either
                return 400;
            string name = Encoding.ASCII.GetString(line[..colon]).ToLowerInvariant(), value = Encoding.Latin1.GetString(line[(colon + 1)..]).Trim(' ', '\t');
            switch (name)
            {
                case "host" when host is not null:
                    return 400;
                case "host":
                    host = value;
                    break;
                case "accept":
                    accept = accept.Length == 0 ? value : $"{accept},{value}";
                    break;
                case "content-length" when value.Length == 0 || value.AsSpan().ContainsAnyExceptInRange('0', '9'):
                case "transfer-encoding":
                    return 400;
                case "content-length" when value.AsSpan().ContainsAnyExcept('0'):
                    return 413;
            }
        }
        return host is null ? 400 : 200;
    }

    // RFC 9110, section 5.6.2.
    private static bool IsToken(ReadOnlySpan<byte> word)
    {
        foreach (byte one in word)
        {
            if (!char.IsAsciiLetterOrDigit((char)one) && !"!#$%&'*+-.^_`|~"u8.Contains(one))
                return false;
        }
        return !word.IsEmpty;
    }
}

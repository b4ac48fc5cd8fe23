namespace Rundlet.Hello.Http;

/// <summary>The first line of a request (RFC 9112, section 3), as far as this server needs it.</summary>
/// <param name="Path">The target without its query.</param>
internal readonly record struct RequestLine(string Method, string Path)
{
    /// <summary>Null where the line is not "METHOD /target HTTP/1.x".</summary>
    public static RequestLine? TryParse(ReadOnlySpan<char> line)
    {
        Span<Range> words = stackalloc Range[4];
        if (line.Split(words, ' ') != 3)
            return null;
        ReadOnlySpan<char> method = line[words[0]], target = line[words[1]], version = line[words[2]];
        if (method.IsEmpty || method.ContainsAnyExceptInRange('A', 'Z') || target.IsEmpty || target[0] != '/' || target.ContainsAnyExceptInRange('!', '~'))
            return null;
        if (version is not ("HTTP/1.1" or "HTTP/1.0"))
            return null;
        int query = target.IndexOf('?');
        return new(method.ToString(), (query < 0 ? target : target[..query]).ToString());
    }
}

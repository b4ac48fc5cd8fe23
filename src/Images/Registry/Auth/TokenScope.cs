namespace Rundlet.Images.Registry.Auth;

/// <summary>
/// What a token is asked for, in the words of the token protocol: <c>repository:NAME:pull,push</c>, several with spaces between them.
/// </summary>
internal static class TokenScope
{
    /// <summary>To read a repository.</summary>
    public static string Pull(string repository) => $"repository:{repository}:pull";

    /// <summary>To read and write a repository.</summary>
    public static string Push(string repository) => $"repository:{repository}:pull,push";

    /// <summary>To remove from a repository.</summary>
    public static string Delete(string repository) => $"repository:{repository}:delete,pull";

    /// <summary>Both scopes; what both name is there once.</summary>
    public static string Union(string left, string? right)
    {
        SortedDictionary<string, SortedSet<string>> all = new(StringComparer.Ordinal);
        foreach (string scope in $"{left} {right}".Split(' ', StringSplitOptions.RemoveEmptyEntries))
        {
            int colon = scope.LastIndexOf(':');
            string resource = colon < 0 ? scope : scope[..colon];
            if (!all.TryGetValue(resource, out SortedSet<string>? actions))
                all[resource] = actions = new SortedSet<string>(StringComparer.Ordinal);
            if (colon >= 0)
                actions.UnionWith(scope[(colon + 1)..].Split(',', StringSplitOptions.RemoveEmptyEntries));
        }
        return string.Join(' ', all.Select(pair => pair.Value.Count > 0 ? $"{pair.Key}:{string.Join(',', pair.Value)}" : pair.Key));
    }
}

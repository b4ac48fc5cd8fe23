using Rundlet.Images.References;

namespace Rundlet.Images.Trust;

/// <summary>Which scopes of a policy hold an image, the narrowest first (containers-policy.json(5), "docker:").</summary>
internal static class PolicyScopes
{
    /// <summary>
    /// <c>host:port/a/b:tag</c> or <c>host:port/a/b@digest</c>, <c>host:port/a/b</c>, <c>host:port/a</c>, <c>host:port</c>, <c>*.test</c>, and
    /// the empty one. Where a digest is given the tag says nothing of what comes, so its scope does not count.
    /// </summary>
    public static IEnumerable<string> Of(ImageReference image)
    {
        string name = SignedReference.NameOf(image);
        yield return image.Digest.IsEmpty ? $"{name}:{image.Tag}" : $"{name}@{image.Digest}";
        for (string space = name; ; space = space[..space.LastIndexOf('/')])
        {
            yield return space;
            if (!space.Contains('/'))
                break;
        }
        int colon = image.Registry.LastIndexOf(':');
        string host = colon > image.Registry.LastIndexOf(']') ? image.Registry[..colon] : image.Registry;
        for (int dot = host.IndexOf('.'); dot >= 0; dot = host.IndexOf('.', dot + 1))
            yield return $"*{host[dot..]}";
        yield return "";
    }

    /// <summary>Null, or why a scope could never hold an image: a rule that does not count must not look as if it did.</summary>
    public static string? Problem(string scope)
    {
        if (scope.Length == 0)
            return null;
        if (scope.StartsWith("*.", StringComparison.Ordinal))
            return ImageReference.TryParse($"x.{scope[2..]}/y", out _) && !scope.AsSpan().ContainsAny("/:") ? null : "a wildcard stands for the beginning of a host alone: '*.example.com'";
        if (scope.Contains('*'))
            return "a wildcard stands at the beginning alone: '*.example.com'";
        string registry = scope.Split('/')[0];
        if (!registry.AsSpan().ContainsAny('.', ':') && registry != "localhost")
            return $"it names no registry; the whole of a short name is '{(ImageReference.TryParse(scope, out ImageReference? whole) ? SignedReference.NameOf(whole) : "docker.io/library/…")}'";
        bool known = scope.Contains('/') ? ImageReference.TryParse(scope, out _) : ImageReference.TryParse($"{scope}/x", out _);
        return known ? null : "it is neither a registry nor a repository nor a reference";
    }
}

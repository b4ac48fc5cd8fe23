using System.Diagnostics.CodeAnalysis;
using Rundlet.Linux;
using Rundlet.Oci;

namespace Rundlet.Images.References;

/// <summary>
/// A name for an image, in normal form: <c>registry/repository:tag</c>, <c>registry/repository@digest</c> or both. The short forms that
/// people type are Docker's:
/// <code>
/// hello                      docker.io/library/hello:latest
/// team/web:2                 docker.io/team/web:2
/// localhost:5000/web         localhost:5000/web:latest
/// registry.test/web@sha256:… as it stands: no tag is added to a digest
/// </code>
/// The grammar is that of the distribution-spec, "Pulling manifests", with Docker's rule for what is a registry: a first component with a
/// dot, a colon or a capital, or <c>localhost</c>.
/// </summary>
public sealed record ImageReference
{
    private const string DefaultRegistry = "docker.io", OfficialPrefix = "library/", DefaultTag = "latest";
    private const int MaxNameLength = 255, MaxTagLength = 128;

    private ImageReference(string registry, string repository, string? tag, Digest digest)
    {
        Registry = registry;
        Repository = repository;
        Tag = tag;
        Digest = digest;
    }

    /// <summary>Host, with a port where one was given.</summary>
    public string Registry { get; }

    /// <summary>Path in the registry: <c>library/hello</c>.</summary>
    public string Repository { get; }

    /// <summary>The tag; null when only a digest was given.</summary>
    public string? Tag { get; }

    /// <summary>The digest; empty when none was given.</summary>
    public Digest Digest { get; }

    /// <summary>Reads what a person typed or a document says.</summary>
    /// <exception cref="ContainerException"><see cref="ContainerErrorKind.InvalidArgument"/>: it is no reference; says why.</exception>
    public static ImageReference Parse(string text) =>
        Read(text, out ImageReference? reference) is { } problem
            ? throw new ContainerException(ContainerErrorKind.InvalidArgument, $"invalid image reference '{ByteText.Show(System.Text.Encoding.UTF8.GetBytes(text))}': {problem}")
            : reference!;

    /// <summary>Reads what may be a reference.</summary>
    public static bool TryParse(string text, [NotNullWhen(true)] out ImageReference? reference) => Read(text, out reference) is null;

    /// <summary>The same repository, by digest alone.</summary>
    public ImageReference WithDigest(Digest digest) => new(Registry, Repository, null, digest);

    /// <summary>Whether a text begins with a registry; else it is a short name.</summary>
    public static bool NamesRegistry(string text)
    {
        int slash = text.IndexOf('/');
        ReadOnlySpan<char> first = slash < 0 ? "" : text.AsSpan(0, slash);
        return first.ContainsAny(".:[") || first is "localhost" || first.ContainsAnyInRange('A', 'Z');
    }

    /// <summary>The normal form.</summary>
    public override string ToString() => Suffixed($"{Registry}/{Repository}");

    /// <summary>The short form that people know: without the default registry and its prefix. Parses to the same reference.</summary>
    public string Familiar
    {
        get
        {
            string name = FamiliarName;
            return Suffixed(name);
        }
    }

    /// <summary>The short form without tag and digest.</summary>
    public string FamiliarName
    {
        get
        {
            string full = $"{Registry}/{Repository}";
            if (Registry != DefaultRegistry)
                return full;
            bool official = Repository.StartsWith(OfficialPrefix, StringComparison.Ordinal) && !Repository.AsSpan(OfficialPrefix.Length).Contains('/');
            string name = official ? Repository[OfficialPrefix.Length..] : Repository;
            // What begins like a registry, or looks like an id, would be read as one.
            return SplitRegistry(name) == (Registry, Repository) && !IsHexId(name) ? name : full;
        }
    }

    private string Suffixed(string name)
    {
        string tagged = Tag is null ? name : $"{name}:{Tag}";
        return Digest.IsEmpty ? tagged : $"{tagged}@{Digest}";
    }

    /// <summary>Null, or what is wrong.</summary>
    private static string? Read(string text, out ImageReference? reference)
    {
        reference = null;
        Digest digest = default;
        string rest = text;
        int at = rest.IndexOf('@');
        if (at >= 0)
        {
            if (!Digest.TryParse(rest[(at + 1)..], out digest))
                return "what stands after '@' is not a sha256 or sha512 digest";
            rest = rest[..at];
        }
        string? tag = null;
        int colon = rest.LastIndexOf(':');
        if (colon > rest.LastIndexOf('/'))
        {
            tag = rest[(colon + 1)..];
            if (!IsTag(tag))
                return $"a tag is 1 to {MaxTagLength} letters, digits, '_', '.' or '-', and begins with none of the last two";
            rest = rest[..colon];
        }
        if (rest.Length == 0)
            return "the name is empty";
        (string registry, string repository) = SplitRegistry(rest);
        if (registry.Length + 1 + repository.Length > MaxNameLength)
            return $"the name is longer than {MaxNameLength} characters";
        if (!IsRegistry(registry))
            return $"'{ByteText.Show(System.Text.Encoding.UTF8.GetBytes(registry))}' is not a host, or a host and a port";
        if (IsHexId(rest))
            return "64 hexadecimal digits would be taken for an image id";
        if (RepositoryProblem(repository) is { } problem)
            return problem;
        reference = new ImageReference(registry, repository, tag ?? (digest.IsEmpty ? DefaultTag : null), digest);
        return null;
    }

    private static (string Registry, string Repository) SplitRegistry(string name)
    {
        int slash = name.IndexOf('/');
        string first = slash < 0 ? "" : name[..slash];
        if (!NamesRegistry(name))
            return (DefaultRegistry, slash < 0 ? OfficialPrefix + name : name);
        if (first is DefaultRegistry or "index." + DefaultRegistry)
            return (DefaultRegistry, name.IndexOf('/', slash + 1) < 0 ? OfficialPrefix + name[(slash + 1)..] : name[(slash + 1)..]);
        return (first, name[(slash + 1)..]);
    }

    internal static bool IsRegistry(string registry)
    {
        ReadOnlySpan<char> host = registry;
        int colon = host.LastIndexOf(':');
        if (colon > host.LastIndexOf(']'))
        {
            ReadOnlySpan<char> port = host[(colon + 1)..];
            if (port.Length is 0 or > 5 || port.ContainsAnyExceptInRange('0', '9') || int.Parse(port) is 0 or > 65535)
                return false;
            host = host[..colon];
        }
        if (host.Length > 2 && host[0] == '[' && host[^1] == ']')
            return System.Net.IPAddress.TryParse(host[1..^1], out System.Net.IPAddress? address)
                && address.AddressFamily == System.Net.Sockets.AddressFamily.InterNetworkV6 && !host.Contains('%');
        foreach (Range label in host.Split('.'))
        {
            ReadOnlySpan<char> part = host[label];
            if (part.IsEmpty || part[0] == '-' || part[^1] == '-')
                return false;
            foreach (char c in part)
            {
                if (!char.IsAsciiLetterOrDigit(c) && c != '-')
                    return false;
            }
        }
        return true;
    }

    /// <summary>Components of <c>[a-z0-9]+</c> joined by one dot, one or two underscores or any number of dashes.</summary>
    internal static string? RepositoryProblem(ReadOnlySpan<char> repository)
    {
        foreach (Range component in repository.Split('/'))
        {
            ReadOnlySpan<char> part = repository[component];
            if (part.ContainsAnyInRange('A', 'Z'))
                return "repository names are lower case";
            if (!IsComponent(part))
                return "a repository is made of 'a' to 'z', digits, and single '.', '_', '__' or dashes between them";
        }
        return null;
    }

    private static bool IsComponent(ReadOnlySpan<char> part)
    {
        if (part.IsEmpty || !char.IsAsciiLetterOrDigit(part[0]) || !char.IsAsciiLetterOrDigit(part[^1]))
            return false;
        while (!part.IsEmpty)
        {
            int letters = part.IndexOfAnyExcept("abcdefghijklmnopqrstuvwxyz0123456789");
            if (letters < 0)
                return true;
            part = part[letters..];
            int separator = part.IndexOfAnyExcept("._-");
            if (separator <= 0)
                return false;
            if (!(part[..separator] is "." or "_" or "__") && part[..separator].ContainsAnyExcept('-'))
                return false;
            part = part[separator..];
        }
        return true;
    }

    internal static bool IsTag(ReadOnlySpan<char> tag)
    {
        if (tag.Length is 0 or > MaxTagLength || tag[0] is '.' or '-')
            return false;
        foreach (char c in tag)
        {
            if (!char.IsAsciiLetterOrDigit(c) && c is not ('_' or '.' or '-'))
                return false;
        }
        return true;
    }

    private static bool IsHexId(ReadOnlySpan<char> name) => name.Length == 64 && !name.ContainsAnyExcept("0123456789abcdef");
}

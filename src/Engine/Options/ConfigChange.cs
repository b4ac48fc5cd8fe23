using System.Text.Json;
using Rundlet.Linux;
using Rundlet.Oci;

namespace Rundlet.Engine.Options;

/// <summary>
/// Changes of how an image is run, in the words of Dockerfiles: <c>CMD ["/app"]</c>, <c>ENV A=1 B="two words"</c>,
/// <c>EXPOSE 80 53/udp</c>. As podman has it, an equals sign may stand behind the first word: <c>CMD=/app</c>.
/// </summary>
public static class ConfigChange
{
    private const string Known = "CMD, ENTRYPOINT, ENV, EXPOSE, LABEL, STOPSIGNAL, USER, VOLUME, WORKDIR";

    /// <summary>Applies changes in their order.</summary>
    /// <exception cref="ContainerException">InvalidArgument: one is none, or says something impossible; the configuration is half changed then.</exception>
    public static void Apply(ContainerConfig config, IEnumerable<string> changes)
    {
        bool hasCommand = false;
        foreach (string change in changes)
        {
            string line = change.Trim();
            int end = line.AsSpan().IndexOfAny(' ', '\t', '=');
            string word = (end < 0 ? line : line[..end]).ToUpperInvariant(), rest = end < 0 ? "" : line[(end + 1)..].Trim();
            if (rest.Length == 0)
                throw Invalid(change, $"'{word}' needs something behind it", word.Length == 0 ? $"there are {Known}" : null);
            hasCommand |= word == "CMD";
            ApplyOne(config, change, word, rest, hasCommand);
        }
    }

    private static void ApplyOne(ContainerConfig config, string change, string word, string rest, bool hasCommand)
    {
        string[] Words() => [.. DockerfileWords.Split(rest, config.Env ?? [], problem => Invalid(change, problem))];
        switch (word)
        {
            case "CMD":
                config.Cmd = Program(config, rest, change);
                break;
            case "ENTRYPOINT":
                config.Entrypoint = Program(config, rest, change);
                if (!hasCommand)
                    config.Cmd = null; // arguments of the old program mean nothing to the new one
                break;
            case "ENV":
                config.Env = EnvironmentOption.Merge(config.Env ?? [], Pairs(change, rest, Words()).Select(pair => $"{pair.Key}={pair.Value}"));
                break;
            case "LABEL":
                config.Labels = new Dictionary<string, string>(config.Labels ?? []);
                foreach ((string key, string value) in Pairs(change, rest, Words()))
                    config.Labels[key] = value;
                break;
            case "EXPOSE":
                config.ExposedPorts = Union(config.ExposedPorts, Words().SelectMany(port => Ports(port, change)));
                break;
            case "VOLUME":
                config.Volumes = Union(config.Volumes, (TryArray(rest) ?? [.. Words()]).Select(path => path.StartsWith('/') ? path : throw Invalid(change, $"'{path}' is not absolute")));
                break;
            case "USER":
                config.User = Single(Words(), change);
                break;
            case "WORKDIR":
                config.WorkingDir = Resolve(config.WorkingDir, Single(Words(), change));
                break;
            case "STOPSIGNAL":
                config.StopSignal = Single(Words(), change);
                SignalNames.Parse(config.StopSignal);
                break;
            default:
                throw Invalid(change, $"'{word}' cannot be changed", $"there are {Known}");
        }
    }

    /// <summary>A list as JSON, or a line for the shell.</summary>
    private static List<string> Program(ContainerConfig config, string text, string change)
    {
        if (TryArray(text) is { } list)
            return list.Count > 0 ? list : throw Invalid(change, "the list is empty");
        return [.. config.Shell ?? ImageShell.Default, text];
    }

    /// <summary>A JSON list of strings; null when the text is none.</summary>
    private static List<string>? TryArray(string text)
    {
        if (!text.StartsWith('['))
            return null;
        try
        {
            using JsonDocument document = JsonDocument.Parse(text);
            List<string?> values = [.. document.RootElement.EnumerateArray().Select(value => value.ValueKind == JsonValueKind.String ? value.GetString() : null)];
            return values.Contains(null) ? null : [.. values.Select(value => value!)];
        }
        catch (JsonException)
        {
            return null; // then it is a line for the shell, as in Dockerfiles
        }
    }

    /// <summary><c>K=V K=V</c>, or <c>K the rest</c>.</summary>
    private static List<KeyValuePair<string, string>> Pairs(string change, string rest, string[] words)
    {
        int blank = rest.AsSpan().IndexOfAny(' ', '\t'), equals = rest.IndexOf('=');
        if (equals < 0 || (blank >= 0 && blank < equals && rest[0] is not ('"' or '\'')))
        {
            return words.Length > 1
                ? [new(words[0], string.Join(' ', words[1..]))]
                : throw Invalid(change, $"'{words[0]}' has no value");
        }
        List<KeyValuePair<string, string>> pairs = [];
        foreach (string word in words)
        {
            equals = word.IndexOf('=');
            if (equals <= 0)
                throw Invalid(change, $"'{word}' is not NAME=VALUE");
            pairs.Add(new(word[..equals], word[(equals + 1)..]));
        }
        return pairs;
    }

    /// <summary><c>80</c>, <c>53/udp</c>, <c>8000-8010</c>.</summary>
    private static IEnumerable<string> Ports(string text, string change)
    {
        string[] parts = text.Split('/');
        string protocol = parts.Length == 2 ? parts[1].ToLowerInvariant() : "tcp";
        string[] ends = parts[0].Split('-');
        if (parts.Length > 2 || ends.Length > 2 || protocol is not ("tcp" or "udp" or "sctp")
            || !ushort.TryParse(ends[0], out ushort first) || !ushort.TryParse(ends[^1], out ushort last) || first == 0 || last < first)
            throw Invalid(change, $"'{text}' is no port", "write PORT, FIRST-LAST or PORT/udp");
        return Enumerable.Range(first, last - first + 1).Select(port => $"{port}/{protocol}");
    }

    private static List<string> Union(List<string>? known, IEnumerable<string> more) => [.. (known ?? []).Concat(more).Distinct().Order(StringComparer.Ordinal)];

    private static string Single(string[] words, string change) => words is [var only] ? only : throw Invalid(change, "it takes one word");

    private static string Resolve(string? current, string path)
    {
        List<string> components = [];
        foreach (string component in (path.StartsWith('/') ? path : $"{current}/{path}").Split('/', StringSplitOptions.RemoveEmptyEntries))
        {
            if (component == ".." && components.Count > 0)
                components.RemoveAt(components.Count - 1);
            else if (component is not ("." or ".."))
                components.Add(component);
        }
        return "/" + string.Join('/', components);
    }

    private static ContainerException Invalid(string change, string problem, string? hint = null) =>
        new(ContainerErrorKind.InvalidArgument, $"invalid change '{change}': {problem}") { Hint = hint };
}

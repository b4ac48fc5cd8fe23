namespace Rundlet.Engine.Options;

/// <summary>What a log may say about its container.</summary>
internal sealed record LogSubject
{
    private const int MaxFieldName = 64; // journald's bound

    public required string Id { get; init; }

    public required string Name { get; init; }

    public required string Image { get; init; }

    public required string ImageId { get; init; }

    /// <summary>The container's folder.</summary>
    public required string Folder { get; init; }

    public required IReadOnlyDictionary<string, string> Labels { get; init; }

    /// <summary>As <c>NAME=value</c>.</summary>
    public required IReadOnlyList<string> Environment { get; init; }

    /// <summary>The program that packs rotated files.</summary>
    public required Func<string> Packer { get; init; }

    public string ShortId => Id[..12];

    /// <summary>The labels and variables that the options name, and a tag if there is one.</summary>
    public Dictionary<string, string> Selected(LogOptions options, string? tag)
    {
        Dictionary<string, string> selected = [];
        foreach (string label in Names(options, "labels"))
        {
            if (Labels.TryGetValue(label, out string? value))
                selected[label] = value;
        }
        foreach (string name in Names(options, "env"))
        {
            if (Environment.LastOrDefault(variable => variable.StartsWith($"{name}=", StringComparison.Ordinal)) is { } variable)
                selected[name] = variable[(name.Length + 1)..];
        }
        if (tag is not null)
            selected["tag"] = LogTag.Expand(tag, this);
        return selected;
    }

    /// <summary>A name as the journal takes it: capitals, digits and lines below, not beginning with one.</summary>
    public static string JournalName(string name)
    {
        string cleaned = string.Concat(name.Select(c => char.IsAsciiLetterOrDigit(c) ? char.ToUpperInvariant(c) : '_')).TrimStart('_');
        if (cleaned.Length == 0 || char.IsAsciiDigit(cleaned[0]))
            cleaned = "X" + cleaned;
        return cleaned.Length > MaxFieldName ? cleaned[..MaxFieldName] : cleaned;
    }

    private static string[] Names(LogOptions options, string option) =>
        options.Options.GetValueOrDefault(option)?.Split(',', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries) ?? [];
}

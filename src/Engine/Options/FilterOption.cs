using Rundlet.Linux;

namespace Rundlet.Engine.Options;

/// <summary>A condition as <c>--filter</c> takes it: <c>key=value</c>, or <c>key!=value</c> for its opposite.</summary>
/// <param name="Key">What it looks at.</param>
/// <param name="Value">What that must be.</param>
/// <param name="IsNegated">Whether it must be something else.</param>
public sealed record FilterOption(string Key, string Value, bool IsNegated)
{
    /// <summary>Reads conditions.</summary>
    /// <param name="texts">What the user wrote.</param>
    /// <param name="keys">The keys that there are.</param>
    /// <exception cref="ContainerException">InvalidArgument: one is none, or has another key.</exception>
    public static IReadOnlyList<FilterOption> Parse(IEnumerable<string> texts, params IReadOnlyList<string> keys) => [.. texts.Select(text => Parse(text, keys))];

    /// <summary>A condition's value as a truth.</summary>
    /// <exception cref="ContainerException">InvalidArgument: it is none.</exception>
    public bool Truth => Value.ToLowerInvariant() switch
    {
        "true" or "1" or "t" => !IsNegated,
        "false" or "0" or "f" => IsNegated,
        _ => throw new ContainerException(ContainerErrorKind.InvalidArgument, $"invalid filter '{Key}={Value}': neither true nor false"),
    };

    /// <summary>Whether labels are what a condition <c>label=KEY</c> or <c>label=KEY=VALUE</c> asks for.</summary>
    public bool MatchesLabels(IReadOnlyDictionary<string, string> labels)
    {
        int equals = Value.IndexOf('=');
        string key = equals < 0 ? Value : Value[..equals];
        bool matches = labels.TryGetValue(key, out string? value) && (equals < 0 || value == Value[(equals + 1)..]);
        return matches != IsNegated;
    }

    private static FilterOption Parse(string text, IReadOnlyList<string> keys)
    {
        int equals = text.IndexOf('=');
        bool isNegated = equals > 0 && text[equals - 1] == '!';
        string key = equals < 0 ? text : text[..(isNegated ? equals - 1 : equals)].Trim();
        if (equals < 0)
            throw new ContainerException(ContainerErrorKind.InvalidArgument, $"invalid filter '{text}'") { Hint = $"a filter is KEY=VALUE; the keys are {string.Join(", ", keys)}" };
        if (!keys.Contains(key))
        {
            throw new ContainerException(ContainerErrorKind.InvalidArgument, $"unknown filter '{key}'")
            {
                Hint = Nearest.Of(key, keys) is { } near ? $"did you mean '{near}'?" : $"there are {string.Join(", ", keys)}",
            };
        }
        return new FilterOption(key, text[(equals + 1)..].Trim(), isNegated);
    }
}

using Rundlet.Linux;

namespace Rundlet.Runcs.CommandLine;

/// <summary>
/// A parsed command line. As Go's flags, which all callers of runc write: long names with one dash or two, a value
/// behind <c>=</c> or as the next word, a flag without value also as <c>--flag=false</c>; <c>--</c> ends the flags.
/// </summary>
internal sealed class Arguments
{
    private readonly Dictionary<string, List<string>> _values = [];

    /// <summary>The words that are no flags.</summary>
    public List<string> Words { get; } = [];

    /// <summary>Whether <c>--help</c> was among the flags.</summary>
    public bool Help { get; private set; }

    /// <summary>Parses words up to the first that is no flag, or all of them.</summary>
    /// <param name="words">The command line.</param>
    /// <param name="options">The flags that there are.</param>
    /// <param name="interspersed">Whether flags may follow other words.</param>
    /// <exception cref="ContainerException">A flag is unknown or lacks its value.</exception>
    public static Arguments Parse(ReadOnlySpan<string> words, IReadOnlyList<Option> options, bool interspersed)
    {
        Arguments parsed = new();
        parsed.Take(words, options, interspersed);
        return parsed;
    }

    /// <summary>As <see cref="Parse"/>; what stands before a mistake is kept.</summary>
    /// <exception cref="ContainerException">A flag is unknown or lacks its value.</exception>
    public void Take(ReadOnlySpan<string> words, IReadOnlyList<Option> options, bool interspersed)
    {
        for (int i = 0; i < words.Length; i++)
        {
            string word = words[i];
            if (word == "--")
            {
                Words.AddRange(words[(i + 1)..]);
                break;
            }
            if (word.Length < 2 || word[0] != '-')
            {
                if (!interspersed)
                {
                    Words.AddRange(words[i..]);
                    break;
                }
                Words.Add(word);
                continue;
            }
            Take(word, options, words, ref i);
        }
    }

    /// <summary>The last value of a flag, or null.</summary>
    public string? Value(string name) => _values.TryGetValue(name, out List<string>? values) ? values[^1] : null;

    /// <summary>All values of a flag that may be repeated.</summary>
    public IReadOnlyList<string> Values(string name) => _values.TryGetValue(name, out List<string>? values) ? values : [];

    /// <summary>Whether a flag without value is set.</summary>
    public bool Has(string name) => Value(name) is { } value && value != "false";

    /// <summary>A flag's value as a number.</summary>
    /// <exception cref="ContainerException">It is none, or out of range.</exception>
    public int Number(string name, int minimum, int maximum, int otherwise)
    {
        if (Value(name) is not { } text)
            return otherwise;
        return int.TryParse(text, out int number) && number >= minimum && number <= maximum
            ? number
            : throw Invalid($"--{name}: '{text}' is not a number from {minimum} to {maximum}");
    }

    private void Take(string word, IReadOnlyList<Option> options, ReadOnlySpan<string> words, ref int index)
    {
        string flag = word.TrimStart('-');
        int equals = flag.IndexOf('=');
        string name = equals < 0 ? flag : flag[..equals];
        if (name is "help" or "h")
        {
            Help = true;
            return;
        }
        Option option = Find(name, options) ?? throw Invalid($"unknown flag '{word}'");
        string value;
        if (equals >= 0)
            value = flag[(equals + 1)..];
        else if (option.Value is null)
            value = "true";
        else if (index + 1 < words.Length)
            value = words[++index];
        else
            throw Invalid($"flag '{word}' needs a value");
        if (option.Value is null)
            value = IsTrue(value, word) ? "true" : "false";
        if (!_values.TryGetValue(option.Name, out List<string>? values))
            _values[option.Name] = values = [];
        values.Add(value);
    }

    // As Go's strconv.ParseBool.
    private static bool IsTrue(string value, string word) => value switch
    {
        "1" or "t" or "T" or "true" or "True" or "TRUE" => true,
        "0" or "f" or "F" or "false" or "False" or "FALSE" => false,
        _ => throw Invalid($"flag '{word}' is true or false, not '{value}'"),
    };

    private static Option? Find(string name, IReadOnlyList<Option> options)
    {
        foreach (Option option in options)
        {
            if (option.Name == name || (name.Length == 1 && option.Short == name[0]))
                return option;
        }
        return null;
    }

    private static ContainerException Invalid(string message) => new(ContainerErrorKind.InvalidArgument, message);
}

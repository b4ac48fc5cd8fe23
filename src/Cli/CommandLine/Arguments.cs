using System.Globalization;
using Rundlet.Engine;
using Rundlet.Linux;

namespace Rundlet.Cli.CommandLine;

/// <summary>
/// A parsed command line, as docker's: <c>--name value</c>, <c>--name=value</c>, <c>-n value</c>, <c>-nvalue</c>, short flags
/// together (<c>-it</c>), a flag without value also as <c>--flag=false</c>; <c>--</c> ends the flags.
/// </summary>
/// <remarks>
/// A parser of our own, because a command's flags end at the first word that is none (the container's own flags follow it),
/// and because one definition of a flag also makes the grouped help and says what was meant by a wrong one.
/// </remarks>
internal sealed class Arguments
{
    private readonly Dictionary<string, List<string>> _values = [];

    private Arguments(string command) => Command = command;

    /// <summary>How the command was called, such as <c>rundlet image ls</c>.</summary>
    public string Command { get; }

    /// <summary>The words that are no flags.</summary>
    public List<string> Words { get; } = [];

    /// <summary>Whether <c>--help</c> was among the flags.</summary>
    public bool Help { get; private set; }

    /// <summary>Parses words.</summary>
    /// <param name="words">The command line.</param>
    /// <param name="options">The flags that there are.</param>
    /// <param name="command">Whose they are, for the messages.</param>
    /// <param name="freeWords">How many words may be mixed with flags; what follows them is taken as it is.</param>
    /// <exception cref="ContainerException">A flag is unknown or lacks its value.</exception>
    public static Arguments Parse(ReadOnlySpan<string> words, IReadOnlyList<Option> options, string command, int freeWords = int.MaxValue)
    {
        Arguments parsed = new(command);
        int next = 0;
        while (next < words.Length && parsed.Words.Count < freeWords)
        {
            string word = words[next++];
            if (word == "--")
                break;
            if (word.Length < 2 || word[0] != '-')
                parsed.Words.Add(word);
            else if (word[1] == '-')
                parsed.TakeLong(word[2..], options, command, words, ref next);
            else
                parsed.TakeShort(word[1..], options, command, words, ref next);
        }
        // A `--` right behind the last free word only says what is so anyway.
        if (next < words.Length && words[next] == "--" && parsed.Words.Count == freeWords)
            next++;
        parsed.Words.AddRange(words[next..]);
        return parsed;
    }

    /// <summary>The last value of a flag; null when it was not given.</summary>
    public string? Value(string name) => _values.TryGetValue(name, out List<string>? values) ? values[^1] : null;

    /// <summary>All values of a flag that may be repeated.</summary>
    public IReadOnlyList<string> Values(string name) => _values.TryGetValue(name, out List<string>? values) ? values : [];

    /// <summary>Whether a flag without value is set.</summary>
    public bool Has(string name) => Value(name) is { } value && value != "false";

    /// <summary>A flag's value as a number; null when it was not given.</summary>
    /// <exception cref="ContainerException">It is none, or out of range.</exception>
    public long? Number(string name, long minimum = long.MinValue, long maximum = long.MaxValue)
    {
        if (Value(name) is not { } text)
            return null;
        return long.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out long number) && number >= minimum && number <= maximum
            ? number
            : throw Invalid($"invalid value '{text}' for --{name}: not a number{(minimum > long.MinValue ? $" from {minimum}" : "")}{(maximum < long.MaxValue ? $" to {maximum}" : "")}");
    }

    private void TakeLong(string flag, IReadOnlyList<Option> options, string command, ReadOnlySpan<string> words, ref int next)
    {
        int equals = flag.IndexOf('=');
        string name = equals < 0 ? flag : flag[..equals];
        Option? option = options.FirstOrDefault(candidate => candidate.IsNamed(name));
        if (option is null && name == "help")
        {
            Help = true;
            return;
        }
        if (option is null)
        {
            string? near = Nearest.Of(name, options.Where(candidate => candidate.Refusal is null).Select(candidate => candidate.Name));
            throw Invalid($"unknown flag '--{name}'", near is null ? $"{command} --help lists the flags" : $"did you mean '--{near}'?");
        }
        if (option.Refusal is { } reason)
            throw new ContainerException(ContainerErrorKind.Unsupported, $"flag '--{name}' cannot be used: {reason}");
        if (equals >= 0)
            Add(option, option.Value is null ? Truth(flag[(equals + 1)..], option) : flag[(equals + 1)..]);
        else
            Add(option, option.Value is null ? "true" : NextWord($"--{name}", words, ref next));
    }

    private void TakeShort(string letters, IReadOnlyList<Option> options, string command, ReadOnlySpan<string> words, ref int next)
    {
        for (int i = 0; i < letters.Length; i++)
        {
            char letter = letters[i];
            Option? option = options.FirstOrDefault(candidate => candidate.Short == letter);
            if (option is null && letter == 'h')
            {
                Help = true;
                continue;
            }
            if (option is null)
                throw Invalid($"unknown flag '-{letter}'{(letters.Length > 1 ? $" in '-{letters}'" : "")}", $"{command} --help lists the flags");
            string rest = letters[(i + 1)..];
            if (option.Value is null && !rest.StartsWith('='))
            {
                Add(option, "true");
                continue;
            }
            if (rest.StartsWith('='))
                rest = rest[1..];
            else if (rest.Length == 0)
                rest = NextWord($"-{letter}", words, ref next);
            Add(option, option.Value is null ? Truth(rest, option) : rest);
            return;
        }
    }

    private void Add(Option option, string value)
    {
        if (!_values.TryGetValue(option.Name, out List<string>? values))
            _values[option.Name] = values = [];
        values.Add(value);
    }

    private static string NextWord(string flag, ReadOnlySpan<string> words, ref int next) =>
        next < words.Length ? words[next++] : throw Invalid($"flag '{flag}' needs a value");

    private static string Truth(string text, Option option) => text.ToLowerInvariant() switch
    {
        "true" or "1" or "t" => "true",
        "false" or "0" or "f" => "false",
        _ => throw Invalid($"invalid value '{text}' for --{option.Name}: neither true nor false"),
    };

    private static ContainerException Invalid(string message, string? hint = null) => new(ContainerErrorKind.InvalidArgument, message) { Hint = hint };
}

using System.Text;

namespace Rundlet.Cli.Output.Templates;

/// <summary>The functions: Go's own, and those that docker adds. <c>and</c> and <c>or</c> stop early, so <see cref="TemplateRun"/> does them.</summary>
internal static class TemplateFunctions
{
    private delegate object? Work(TemplateCall call);

    private sealed record Function(int Least, int Most, Work Work);

    private const int Any = int.MaxValue;

    private static readonly SortedDictionary<string, Function> s_functions = new(StringComparer.Ordinal)
    {
        ["and"] = new(1, Any, call => call.Arguments[^1]),
        ["or"] = new(1, Any, call => call.Arguments[^1]),
        ["not"] = new(1, 1, call => !TemplateValue.IsTrue(call.Arguments[0])),
        ["eq"] = new(2, Any, EqualsAny),
        ["ne"] = new(2, 2, call => !(bool)EqualsAny(call)!),
        ["lt"] = new(2, 2, call => Order(call) < 0),
        ["le"] = new(2, 2, call => Order(call) <= 0),
        ["gt"] = new(2, 2, call => Order(call) > 0),
        ["ge"] = new(2, 2, call => Order(call) >= 0),
        ["len"] = new(1, 1, Length),
        ["index"] = new(1, Any, Index),
        ["slice"] = new(1, 3, Slice),
        ["print"] = new(0, Any, Print),
        ["println"] = new(0, Any, call => string.Join(' ', call.Arguments.Select(TemplateValue.Show)) + "\n"),
        ["printf"] = new(1, Any, TemplateFormat.Printf),
        ["json"] = new(1, 1, call => TemplateValue.Json(call.Arguments[0])),
        ["join"] = new(2, 2, call => string.Join(call.Text(1), call.Arguments[0] is null ? [] : call.List(0).Select(TemplateValue.Show))),
        ["split"] = new(2, 2, Split),
        ["lower"] = new(1, 1, call => call.Text(0).ToLowerInvariant()),
        ["upper"] = new(1, 1, call => call.Text(0).ToUpperInvariant()),
        ["title"] = new(1, 1, Title),
        ["pad"] = new(3, 3, call => call.Text(0) is { Length: 0 } empty ? empty : $"{new string(' ', call.Count(1))}{call.Text(0)}{new string(' ', call.Count(2))}"),
        ["truncate"] = new(2, 2, call => call.Text(0).Length <= call.Count(1) ? call.Text(0) : call.Text(0)[..call.Count(1)]),
    };

    /// <summary>All names, sorted.</summary>
    public static IEnumerable<string> Names => s_functions.Keys;

    /// <summary>Whether there is such a function.</summary>
    public static bool Exists(string name) => s_functions.ContainsKey(name);

    /// <summary>Calls one that exists.</summary>
    /// <exception cref="Linux.ContainerException">InvalidArgument: the arguments do not fit.</exception>
    public static object? Invoke(TemplateCall call)
    {
        Function function = s_functions[call.Function];
        if (call.Arguments.Count >= function.Least && call.Arguments.Count <= function.Most)
            return function.Work(call);
        string wanted = function.Most == Any ? $"at least {function.Least}" : function.Least == function.Most ? $"{function.Least}" : $"{function.Least} to {function.Most}";
        throw call.Error($"wants {wanted} argument{(wanted.EndsWith('1') ? "" : "s")}, has {call.Arguments.Count}");
    }

    private static object EqualsAny(TemplateCall call)
    {
        for (int i = 1; i < call.Arguments.Count; i++)
        {
            if (TemplateValue.AreEqual(call.Arguments[0], call.Arguments[i]) ?? throw Incomparable(call, i))
                return true;
        }
        return false;
    }

    private static int Order(TemplateCall call) => TemplateValue.Compare(call.Arguments[0], call.Arguments[1]) ?? throw Incomparable(call, 1);

    private static Linux.ContainerException Incomparable(TemplateCall call, int index) =>
        call.Error($"cannot compare {TemplateValue.TypeOf(call.Arguments[0])} with {TemplateValue.TypeOf(call.Arguments[index])}");

    private static object? Length(TemplateCall call) => call.Arguments[0] switch
    {
        string text => (long)Encoding.UTF8.GetByteCount(text),
        IReadOnlyList<object?> list => (long)list.Count,
        ITemplateObject members => (long)members.Names.Count(),
        _ => throw call.Wrong(0, "a string, a list or an object"),
    };

    private static object? Index(TemplateCall call)
    {
        object? value = call.Arguments[0];
        for (int i = 1; i < call.Arguments.Count; i++)
        {
            switch (value)
            {
                case IReadOnlyList<object?> list:
                    value = call.Arguments[i] is not long at ? throw call.Wrong(i, "a number")
                        : at >= 0 && at < list.Count ? list[(int)at]
                        : throw call.Error($"there is no element {at} of {list.Count}", list.Count == 0 ? "test it first: {{if .X}}{{index .X 0}}{{end}}" : null);
                    break;
                case ITemplateObject members:
                    value = members.TryGet(call.Text(i), out object? member) ? member : Missing(members);
                    break;
                default:
                    throw call.Error($"cannot index {TemplateValue.TypeOf(value)}");
            }
        }
        return value;
    }

    // A map of strings has an empty one for every other key, as labels do; a map of anything else has nothing.
    private static string? Missing(ITemplateObject map) => map.Names.All(name => map.TryGet(name, out object? value) && value is string) ? "" : null;

    private static object? Slice(TemplateCall call)
    {
        int length = call.Arguments[0] switch { string text => text.Length, IReadOnlyList<object?> list => list.Count, _ => throw call.Wrong(0, "a string or a list") };
        int from = call.Arguments.Count > 1 ? call.Count(1) : 0, to = call.Arguments.Count > 2 ? call.Count(2) : length;
        if (from > to || to > length)
            throw call.Error($"{from} to {to} is out of range: the length is {length}");
        return call.Arguments[0] is string whole ? whole[from..to] : call.List(0).Skip(from).Take(to - from).ToArray();
    }

    // Go puts a blank between two operands where neither is a string.
    private static object? Print(TemplateCall call)
    {
        StringBuilder text = new();
        for (int i = 0; i < call.Arguments.Count; i++)
        {
            if (i > 0 && call.Arguments[i] is not string && call.Arguments[i - 1] is not string)
                text.Append(' ');
            text.Append(TemplateValue.Show(call.Arguments[i]));
        }
        return text.ToString();
    }

    private static object? Split(TemplateCall call)
    {
        string text = call.Text(0), separator = call.Text(1);
        return separator.Length > 0 ? text.Split(separator) : text.EnumerateRunes().Select(rune => (object?)rune.ToString()).ToArray();
    }

    private static object? Title(TemplateCall call)
    {
        char[] text = call.Text(0).ToCharArray();
        for (int i = 0; i < text.Length; i++)
        {
            if (i == 0 || !(char.IsLetterOrDigit(text[i - 1]) || text[i - 1] is '_' or '\''))
                text[i] = char.ToUpperInvariant(text[i]);
        }
        return new string(text);
    }
}

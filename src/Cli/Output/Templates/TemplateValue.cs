using System.Globalization;
using System.Text;
using System.Text.Json;

namespace Rundlet.Cli.Output.Templates;

/// <summary>What a template does with any value: is it true, how is it printed, which is the smaller. As Go has it.</summary>
internal static class TemplateValue
{
    private const string None = "<no value>", NilInside = "<nil>";

    /// <summary>Whether <c>if</c> takes it: not null, false, 0, or empty.</summary>
    public static bool IsTrue(object? value) => value switch
    {
        null => false,
        bool truth => truth,
        long number => number != 0,
        double number => number != 0,
        string text => text.Length > 0,
        IReadOnlyList<object?> list => list.Count > 0,
        ITemplateObject members => members.Names.Any(),
        _ => true,
    };

    /// <summary>As <c>print</c> shows it: lists as <c>[a b]</c>, objects as <c>map[k:v]</c>, sorted.</summary>
    public static string Show(object? value) => value is null ? None : Inside(value);

    /// <summary>What the value is called in messages, as Go names types.</summary>
    public static string TypeOf(object? value) => value switch
    {
        null => "nil",
        bool => "bool",
        long => "int",
        double => "float64",
        string => "string",
        IReadOnlyList<object?> => "list",
        _ => "object",
    };

    /// <summary>As JSON on one line; nothing is escaped that need not be.</summary>
    public static string Json(object? value)
    {
        using var stream = new MemoryStream();
        using (var json = new Utf8JsonWriter(stream, Output.Json.LineOptions))
            Write(json, value);
        return Encoding.UTF8.GetString(stream.GetBuffer(), 0, (int)stream.Length);
    }

    /// <summary>Less than 0, 0 or more, where two values can be compared; null where they cannot.</summary>
    public static int? Compare(object? left, object? right) => (left, right) switch
    {
        (string a, string b) => string.CompareOrdinal(a, b),
        (long a, long b) => a.CompareTo(b),
        (long a, double b) => ((double)a).CompareTo(b),
        (double a, long b) => a.CompareTo((double)b),
        (double a, double b) => a.CompareTo(b),
        _ => null,
    };

    /// <summary>Whether two values are equal; null where they are of kinds that cannot be compared.</summary>
    public static bool? AreEqual(object? left, object? right) => (left, right) switch
    {
        (null, null) => true,
        (null, _) or (_, null) => false,
        (bool a, bool b) => a == b,
        _ => Compare(left, right) is { } order ? order == 0 : null,
    };

    private static string Inside(object? value) => value switch
    {
        null => NilInside,
        bool truth => truth ? "true" : "false",
        long number => number.ToString(CultureInfo.InvariantCulture),
        double number => Number(number),
        string text => text,
        IReadOnlyList<object?> list => $"[{string.Join(' ', list.Select(Inside))}]",
        ITemplateObject members => $"map[{string.Join(' ', members.Names.Order(StringComparer.Ordinal).Select(name => $"{name}:{(members.TryGet(name, out object? member) ? Inside(member) : "")}"))}]",
        _ => value.ToString() ?? "",
    };

    // Go changes to an exponent at 1e21, and writes it with two digits.
    private static string Number(double number) => Math.Abs(number) is >= 1e21 or (> 0 and < 1e-4)
        ? number.ToString("0.################e+00", CultureInfo.InvariantCulture)
        : number.ToString("0.#################", CultureInfo.InvariantCulture);

    private static void Write(Utf8JsonWriter json, object? value)
    {
        switch (value)
        {
            case null:
                json.WriteNullValue();
                break;
            case bool truth:
                json.WriteBooleanValue(truth);
                break;
            case long number:
                json.WriteNumberValue(number);
                break;
            case double number:
                json.WriteNumberValue(number);
                break;
            case IReadOnlyList<object?> list:
                json.WriteStartArray();
                foreach (object? element in list)
                    Write(json, element);
                json.WriteEndArray();
                break;
            case ITemplateObject members:
                members.WriteTo(json);
                break;
            default:
                json.WriteStringValue(value.ToString());
                break;
        }
    }
}

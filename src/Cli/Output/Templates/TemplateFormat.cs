using System.Globalization;
using System.Text;

namespace Rundlet.Cli.Output.Templates;

/// <summary><c>printf</c>, with the verbs that make sense for JSON's values: <c>%s %v %q %d %x %X %c %f %e %g %t %%</c>.</summary>
internal static class TemplateFormat
{
    private const int MostDigits = 1000;

    /// <summary>The function. What does not fit its verb is shown as Go shows it: <c>%!d(string=x)</c>.</summary>
    public static object? Printf(TemplateCall call)
    {
        string format = call.Text(0);
        StringBuilder text = new();
        int argument = 1;
        for (int i = 0; i < format.Length; i++)
        {
            if (format[i] != '%')
            {
                text.Append(format[i]);
                continue;
            }
            Directive directive = Directive.Read(format, ref i, call);
            if (directive.Verb == '%')
                text.Append('%');
            else if (argument == call.Arguments.Count)
                text.Append("%!").Append(directive.Verb).Append("(MISSING)");
            else
                text.Append(directive.Apply(call.Arguments[argument++]));
        }
        if (argument < call.Arguments.Count)
            text.Append("%!(EXTRA ").AppendJoin(", ", call.Arguments.Skip(argument).Select(Typed)).Append(')');
        return text.ToString();
    }

    private static string Typed(object? value) => value is null ? "<nil>" : $"{TemplateValue.TypeOf(value)}={TemplateValue.Show(value)}";

    private readonly record struct Directive(char Verb, string Flags, int Width, int? Precision)
    {
        /// <summary>Reads one from its percent sign; <paramref name="at"/> is at its verb then.</summary>
        public static Directive Read(string format, ref int at, TemplateCall call)
        {
            int start = ++at;
            while (at < format.Length && "+-# 0".Contains(format[at]))
                at++;
            string flags = format[start..at];
            int width = Digits(format, ref at, call) ?? 0;
            int? precision = null;
            if (at < format.Length && format[at] == '.')
            {
                at++;
                precision = Digits(format, ref at, call) ?? 0;
            }
            if (at >= format.Length)
                throw call.Error("the format ends within a directive");
            return "%svqdxXcfegtT".Contains(format[at]) ? new Directive(format[at], flags, width, precision) : throw call.Error($"unknown directive '%{format[at]}'");
        }

        public string Apply(object? value)
        {
            string? text = Verb switch
            {
                'T' => TemplateValue.TypeOf(value),
                'v' => Cut(value is null ? "<nil>" : TemplateValue.Show(value)),
                's' when value is string or IReadOnlyList<object?> or ITemplateObject => Cut(TemplateValue.Show(value)),
                'q' when value is string => TemplateValue.Json(Cut((string)value)),
                't' when value is bool => TemplateValue.Show(value),
                'x' or 'X' when value is string s => Hex(Convert.ToHexStringLower(Encoding.UTF8.GetBytes(s))),
                'x' or 'X' when value is long number => Hex(HexOf(number)),
                'd' when value is long number => Signed(number >= 0, number.ToString(CultureInfo.InvariantCulture)),
                'c' when value is long code && Rune.IsValid((int)Math.Clamp(code, -1, int.MaxValue)) => new Rune((int)code).ToString(),
                'f' or 'e' or 'g' when value is double real => Signed(real >= 0, Real(real)),
                _ => null,
            };
            return text is null ? $"%!{Verb}({Typed(value)})" : Pad(text);
        }

        private string Cut(string text) => Precision is { } most && most < text.Length ? text[..most] : text;

        private string Hex(string digits) => Verb == 'X' ? digits.ToUpperInvariant() : digits;

        private static string HexOf(long number) => number < 0 ? "-" + ((ulong)-(number + 1) + 1).ToString("x", CultureInfo.InvariantCulture) : number.ToString("x", CultureInfo.InvariantCulture);

        private string Signed(bool positive, string digits) => positive && Flags.Contains('+') ? "+" + digits : positive && Flags.Contains(' ') ? " " + digits : digits;

        private string Real(double real) => Verb switch
        {
            'f' => real.ToString("F" + (Precision ?? 6), CultureInfo.InvariantCulture),
            'e' => real.ToString((Precision ?? 6) == 0 ? "0e+00" : $"0.{new string('0', Precision ?? 6)}e+00", CultureInfo.InvariantCulture),
            _ => Precision is { } digits ? real.ToString("G" + Math.Max(1, digits), CultureInfo.InvariantCulture) : TemplateValue.Show(real),
        };

        private string Pad(string text)
        {
            int missing = Width - text.EnumerateRunes().Count();
            if (missing <= 0)
                return text;
            if (Flags.Contains('-'))
                return text + new string(' ', missing);
            if (!Flags.Contains('0') || Verb is 's' or 'v' or 'q' or 't')
                return new string(' ', missing) + text;
            bool signed = text[0] is '-' or '+' or ' ';
            return (signed ? text[..1] : "") + new string('0', missing) + text[(signed ? 1 : 0)..];
        }

        private static int? Digits(string format, ref int at, TemplateCall call)
        {
            int start = at;
            while (at < format.Length && char.IsAsciiDigit(format[at]))
                at++;
            if (start == at)
                return null;
            return int.TryParse(format.AsSpan(start, at - start), NumberStyles.None, CultureInfo.InvariantCulture, out int number) && number <= MostDigits
                ? number
                : throw call.Error($"'{format[start..at]}' is more than {MostDigits}");
        }
    }
}

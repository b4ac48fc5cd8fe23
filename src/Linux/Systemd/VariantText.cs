using System.Globalization;
using System.Text;

namespace Rundlet.Linux.Systemd;

/// <summary>
/// Values in GVariant's text form, as annotations hold them: <c>true</c>, <c>7</c>, <c>uint64 7</c>, <c>1.5</c>, <c>'text'</c>,
/// <c>['a', 'b']</c>, <c>@as []</c>. Basic types and arrays of one are all that properties of scopes have.
/// </summary>
internal ref struct VariantText
{
    private const int MaxLength = 4096;

    private readonly string _key;
    private ReadOnlySpan<char> _rest;

    private VariantText(string text, string key)
    {
        _key = key;
        _rest = text;
    }

    /// <summary>Reads one value.</summary>
    /// <exception cref="ContainerException">It is malformed, or of a type that is not among those.</exception>
    public static DBusValue Parse(string text, string key)
    {
        var reader = new VariantText(text, key);
        if (text.Length > MaxLength)
            throw reader.Malformed("it is too long");
        DBusValue value = reader.Value(null, inArray: false);
        reader.Blanks();
        return reader._rest.IsEmpty ? value : throw reader.Malformed($"'{reader._rest}' follows the value");
    }

    private DBusValue Value(string? type, bool inArray)
    {
        Blanks();
        if (_rest.IsEmpty)
            throw Malformed("there is no value");
        char first = _rest[0];
        if (first == '@' && type is null)
            return Value(Annotation(), inArray);
        if (first == '[' && !inArray)
            return Array(type);
        if (first is '\'' or '"')
            return Text(type);
        ReadOnlySpan<char> word = Word();
        if (type is null && TypeOf(word) is { } named)
            return Value(named, inArray);
        if (word is "true" or "false" && type is null or "b")
            return DBusValue.Boolean(word is "true");
        return Number(word, type ?? (word.Contains('.') ? "d" : "i"));
    }

    private string Annotation()
    {
        int end = _rest.IndexOf(' ');
        string type = end < 0 ? "" : _rest[1..end].ToString();
        char basic = type.Length > 0 ? type[^1] : ' ';
        if (!"bynqiuxtdsog".Contains(basic) || (type.Length != 1 && !(type.Length == 2 && type[0] == 'a')))
            throw Malformed($"the type '{type}' is not supported");
        _rest = _rest[end..];
        return type;
    }

    private DBusValue Array(string? type)
    {
        if (type is not null && type[0] != 'a')
            throw Malformed($"an array is no '{type}'");
        string? element = type?[1..];
        var items = new List<DBusValue>();
        _rest = _rest[1..];
        while (true)
        {
            Blanks();
            if (!_rest.IsEmpty && _rest[0] == ']' && items.Count == 0)
                break;
            DBusValue item = Value(element, inArray: true);
            element ??= item.Signature;
            if (item.Signature != element)
                throw Malformed("the elements of an array are of one type");
            items.Add(item);
            Blanks();
            if (_rest.IsEmpty || _rest[0] is not (',' or ']'))
                throw Malformed("an array has no end");
            if (_rest[0] == ']')
                break;
            _rest = _rest[1..];
        }
        _rest = _rest[1..];
        return DBusValue.Array(element ?? throw Malformed("an empty array needs its type: @as []"), items);
    }

    private DBusValue Text(string? type)
    {
        if (type is not (null or "s" or "o" or "g"))
            throw Malformed($"a text is no '{type}'");
        char quote = _rest[0];
        var text = new StringBuilder();
        for (int i = 1; i < _rest.Length; i++)
        {
            char c = _rest[i];
            if (c == quote)
            {
                _rest = _rest[(i + 1)..];
                return DBusValue.OfText((type ?? "s")[0], text.ToString());
            }
            if (c == '\\' && i + 1 < _rest.Length)
                c = _rest[++i] switch { 'n' => '\n', 't' => '\t', '\\' => '\\', '\'' => '\'', '"' => '"', _ => throw Malformed("an escape is not supported") };
            if (c == '\0')
                break;
            text.Append(c);
        }
        throw Malformed("a text has no end");
    }

    private readonly DBusValue Number(ReadOnlySpan<char> word, string type)
    {
        (long Low, ulong High) range = type switch
        {
            "y" => (0, byte.MaxValue),
            "n" => (short.MinValue, (ulong)short.MaxValue),
            "q" => (0, ushort.MaxValue),
            "i" => (int.MinValue, int.MaxValue),
            "u" => (0, uint.MaxValue),
            "x" => (long.MinValue, long.MaxValue),
            "t" or "d" => (0, ulong.MaxValue),
            _ => throw Malformed($"'{word}' is no '{type}'"),
        };
        if (type == "d")
            return TryReal(word, out double real) ? DBusValue.Fixed('d', BitConverter.DoubleToUInt64Bits(real)) : throw Malformed($"'{word}' is no value");
        (long low, ulong high) = range;
        bool negative = word.StartsWith('-');
        ReadOnlySpan<char> digits = negative ? word[1..] : word;
        bool hex = digits.StartsWith("0x");
        if (!ulong.TryParse(hex ? digits[2..] : digits, hex ? NumberStyles.AllowHexSpecifier : NumberStyles.None, CultureInfo.InvariantCulture, out ulong size))
            throw Malformed($"'{word}' is no value");
        if (negative ? low == 0 || size > (ulong)-(low + 1) + 1 : size > high)
            throw Malformed($"'{word}' is out of range");
        return DBusValue.Fixed(type[0], negative ? (ulong)-(long)size : size);
    }

    /// <summary>Digits and a point; no property of a unit needs more, and the library's parser is larger than all of this.</summary>
    private static bool TryReal(ReadOnlySpan<char> word, out double value)
    {
        value = 0;
        double place = 0;
        foreach (char c in word.Length is > 0 and < 20 ? word : "?")
        {
            if (c == '.' && place == 0)
                place = 1;
            else if (!char.IsAsciiDigit(c))
                return false;
            else if (place == 0)
                value = value * 10 + (c - '0');
            else
                value += (c - '0') * (place /= 10);
        }
        return true;
    }

    private static string? TypeOf(ReadOnlySpan<char> word) => word switch
    {
        "boolean" => "b",
        "byte" => "y",
        "int16" => "n",
        "uint16" => "q",
        "int32" => "i",
        "uint32" => "u",
        "int64" => "x",
        "uint64" => "t",
        "double" => "d",
        "string" => "s",
        "objectpath" => "o",
        "signature" => "g",
        _ => null,
    };

    private ReadOnlySpan<char> Word()
    {
        int end = _rest.IndexOfAny(" ,]\t\n");
        ReadOnlySpan<char> word = end < 0 ? _rest : _rest[..end];
        if (word.IsEmpty)
            throw Malformed($"'{_rest}' is no value");
        _rest = _rest[word.Length..];
        return word;
    }

    private void Blanks() => _rest = _rest.TrimStart(" \t\n");

    private readonly ContainerException Malformed(string why) => new(ContainerErrorKind.InvalidArgument, $"annotation '{_key}': {why}")
    {
        Hint = "the value is in GVariant's text form, such as: uint64 30000000, true, 'text', ['a', 'b']",
    };
}

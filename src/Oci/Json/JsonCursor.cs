using System.Runtime.CompilerServices;
using System.Text;
using System.Text.Json;
using System.Text.Unicode;

namespace Rundlet.Oci;

/// <summary>Reads one value at which the cursor stands; leaves the cursor on the value's last token.</summary>
internal delegate T JsonValue<T>(ref JsonCursor json);

/// <summary>
/// <see cref="Utf8JsonReader"/> with the manners of this house: it says what it expected, what it found and where; refuses members that
/// stand twice, NUL in strings and text after the document; takes null as "absent"; and passes over members it does not know.
/// </summary>
/// <remarks>
/// An object is read by one loop, with a chain of <see cref="Is"/> in a fixed order: the place in the chain is the member's number
/// in the set of members already seen. At most 64 known members an object.
/// <code>
/// json.BeginObject();
/// while (json.NextMember())
///     if (json.Is("path"u8)) path = json.String();
///     else if (json.Is("readonly"u8)) readOnly = json.Boolean();
///     else json.Ignore();
/// </code>
/// </remarks>
internal ref struct JsonCursor
{
    /// <summary>How deep a document may nest.</summary>
    public const int MaxDepth = 64;

    /// <summary>How long a document may be, in bytes.</summary>
    public const int MaxBytes = 64 << 20;

    private readonly ReadOnlySpan<byte> _document;
    private Utf8JsonReader _reader;
    private Frames _frames;
    private int _depth;
    private int _ordinal;
    private bool _settled;
    private bool _complete;

    private JsonCursor(ReadOnlySpan<byte> document)
    {
        _document = document;
        _reader = new Utf8JsonReader(document, new JsonReaderOptions { MaxDepth = MaxDepth });
    }

    /// <summary>Whether the reader of a spec passes over its rules for system calls.</summary>
    public bool PassesSeccomp { get; set; }

    /// <summary>Reads a whole document, which must hold one value and nothing after it.</summary>
    /// <exception cref="SpecFormatException">The document is too long, not JSON, or not of the expected form.</exception>
    public static T ReadDocument<T>(ReadOnlySpan<byte> document, JsonValue<T> read)
    {
        var json = new JsonCursor(document);
        if (document.Length > MaxBytes)
            throw new SpecFormatException($"expected at most {MaxBytes} bytes, found {document.Length}", JsonPlace.Document);
        if (!Utf8.IsValid(document))
            throw json.At("expected UTF-8, found a byte sequence that is not", FirstInvalidUtf8(document));
        try
        {
            json.Advance();
            T value = read(ref json);
            json._complete = true;
            json._reader.Read();
            return value;
        }
        catch (JsonException error)
        {
            throw json.Malformed(error);
        }
    }

    /// <summary>Expects an object and stands before its first member.</summary>
    public void BeginObject()
    {
        if (_reader.TokenType != JsonTokenType.StartObject)
            throw Expected("an object");
        _frames[_depth++] = new Frame { Start = (int)_reader.TokenStartIndex };
    }

    /// <summary>Stands on the next member's name, or returns false at the end of the object.</summary>
    public bool NextMember()
    {
        Advance();
        if (_reader.TokenType == JsonTokenType.EndObject)
        {
            _depth--;
            return false;
        }
        // Comparing a name decodes its escapes; a broken escape is refused here, with its place.
        if (_reader.ValueIsEscaped)
            _ = Text(); // ignored: only its checks matter
        _ordinal = 0;
        _settled = false;
        return true;
    }

    /// <summary>Is this the member, and has it a value? Then stands on the value. A member that is null is taken as absent.</summary>
    public bool Is(ReadOnlySpan<byte> name)
    {
        int ordinal = _ordinal++;
        if (_settled || !_reader.ValueTextEquals(name))
            return false;
        ref Frame frame = ref _frames[_depth - 1];
        if ((frame.Seen >> ordinal & 1) != 0)
            throw Duplicate();
        frame.Seen |= 1UL << ordinal;
        Advance();
        _settled = _reader.TokenType == JsonTokenType.Null;
        return !_settled;
    }

    /// <summary>Passes over a member that nothing in the chain wanted. Its name must still be the only one, its value well formed.</summary>
    public void Ignore()
    {
        if (_settled)
            return;
        Take();
        SkipValue();
    }

    /// <summary>The member's name, whatever it is.</summary>
    public readonly string Name => Text();

    /// <summary>Stands on the value of a member, whatever its name is. The name must be the only one.</summary>
    public void Take()
    {
        ref Frame frame = ref _frames[_depth - 1];
        if (!(frame.Unknown ??= []).Add(Text()))
            throw Duplicate();
        Advance();
    }

    /// <summary>Whether the value is null.</summary>
    public readonly bool IsNull => _reader.TokenType == JsonTokenType.Null;

    /// <summary>Passes over the value, which must be well formed. Always true: there was one.</summary>
    public bool Pass()
    {
        SkipValue();
        return true;
    }

    /// <summary>Passes over the value, of which only the form is looked at.</summary>
    public void PassUnread() => _reader.Skip();

    /// <summary>Where the token begins on which the cursor stands, in bytes.</summary>
    public readonly int Start => (int)_reader.TokenStartIndex;

    /// <summary>The document's text from a place up to the end of the token on which the cursor stands.</summary>
    public readonly ReadOnlySpan<byte> TextSince(int start) => _document[start..(int)_reader.BytesConsumed];

    /// <summary>Passes over the value, which must be well formed, and gives its own text: a document inside this one.</summary>
    public ReadOnlySpan<byte> Raw()
    {
        int start = (int)_reader.TokenStartIndex;
        SkipValue();
        return _document[start..(int)_reader.BytesConsumed];
    }

    public string String()
    {
        if (_reader.TokenType != JsonTokenType.String)
            throw Expected("a string");
        return Text();
    }

    /// <summary>Bytes, written in base64 (RFC 4648, section 4).</summary>
    public byte[] Base64() =>
        _reader.TokenType == JsonTokenType.String && _reader.TryGetBytesFromBase64(out byte[]? bytes) ? bytes : throw Expected("text in base64");

    public bool Boolean() => _reader.TokenType switch
    {
        JsonTokenType.True => true,
        JsonTokenType.False => false,
        _ => throw Expected("true or false"),
    };

    public long Int64() =>
        _reader.TokenType == JsonTokenType.Number && _reader.TryGetInt64(out long value) ? value : throw ExpectedNumber(long.MinValue, long.MaxValue);

    public ulong UInt64() =>
        _reader.TokenType == JsonTokenType.Number && _reader.TryGetUInt64(out ulong value) ? value : throw ExpectedNumber(0, ulong.MaxValue);

    public int Int32() =>
        _reader.TokenType == JsonTokenType.Number && _reader.TryGetInt32(out int value) ? value : throw ExpectedNumber(int.MinValue, int.MaxValue);

    public uint UInt32() =>
        _reader.TokenType == JsonTokenType.Number && _reader.TryGetUInt32(out uint value) ? value : throw ExpectedNumber(0, uint.MaxValue);

    public ushort UInt16() =>
        _reader.TokenType == JsonTokenType.Number && _reader.TryGetUInt16(out ushort value) ? value : throw ExpectedNumber(0, ushort.MaxValue);

    public List<T> List<T>(JsonValue<T> read)
    {
        if (_reader.TokenType != JsonTokenType.StartArray)
            throw Expected("an array");
        var list = new List<T>();
        while (Advance() != JsonTokenType.EndArray)
            list.Add(read(ref this));
        return list;
    }

    public List<string> Strings() => List((ref JsonCursor json) => json.String());

    /// <summary>An object whose member names are data.</summary>
    public Dictionary<string, T> Map<T>(JsonValue<T> read)
    {
        BeginObject();
        var map = new Dictionary<string, T>();
        while (NextMember())
        {
            string key = Text();
            if (map.ContainsKey(key))
                throw Duplicate();
            Advance();
            map.Add(key, read(ref this));
        }
        return map;
    }

    public Dictionary<string, string> StringMap() => Map((ref JsonCursor json) => json.String());

    /// <summary>The object just read lacks a member it must have.</summary>
    public readonly SpecFormatException Missing(string name) =>
        At($"expected a member '{name}', found none", _frames[_depth].Start);

    /// <summary>The member on whose name the cursor stands is a known one in other letters.</summary>
    public readonly SpecFormatException Misspelled(string name) =>
        At($"expected the member '{name}', found '{JsonPlace.Printable(_reader.ValueSpan)}'", (int)_reader.TokenStartIndex);

    /// <summary>The value the cursor stands on is not what it must be.</summary>
    public readonly SpecFormatException Expected(string what) => At($"expected {what}, found {Found()}", (int)_reader.TokenStartIndex);

    private readonly SpecFormatException ExpectedNumber(Int128 from, Int128 to) => Expected($"a whole number from {from} to {to}");

    private readonly SpecFormatException Duplicate() =>
        At($"expected the member once, found '{JsonPlace.Printable(_reader.ValueSpan)}' again", (int)_reader.TokenStartIndex);

    private readonly SpecFormatException At(string problem, int offset) => new(problem, JsonPlace.Find(_document, offset));

    private JsonTokenType Advance()
    {
        _reader.Read();
        return _reader.TokenType;
    }

    private void SkipValue()
    {
        switch (_reader.TokenType)
        {
            case JsonTokenType.StartObject:
                var names = new HashSet<string>();
                while (Advance() == JsonTokenType.PropertyName)
                {
                    if (!names.Add(Text()))
                        throw Duplicate();
                    Advance();
                    SkipValue();
                }
                break;
            case JsonTokenType.StartArray:
                while (Advance() != JsonTokenType.EndArray)
                    SkipValue();
                break;
            case JsonTokenType.String when _reader.ValueIsEscaped:
                _ = Text(); // ignored: only its checks matter
                break;
        }
    }

    /// <summary>The decoded string or member name. NUL is refused: the kernel's strings end at it, so the text would not be what it says.</summary>
    private readonly string Text()
    {
        if (!_reader.ValueIsEscaped)
            return Encoding.UTF8.GetString(_reader.ValueSpan);
        string text;
        try
        {
            text = _reader.GetString()!;
        }
        catch (InvalidOperationException)
        {
            throw At("expected Unicode text, found an escaped surrogate without its pair", (int)_reader.TokenStartIndex);
        }
        return text.Contains('\0') ? throw At("expected text without NUL, found one", (int)_reader.TokenStartIndex) : text;
    }

    private readonly string Found() => _reader.TokenType switch
    {
        JsonTokenType.StartObject => "an object",
        JsonTokenType.StartArray => "an array",
        JsonTokenType.String => $"the string '{JsonPlace.Printable(_reader.ValueSpan)}'",
        JsonTokenType.Number => JsonPlace.Printable(_reader.ValueSpan),
        JsonTokenType.True => "true",
        JsonTokenType.False => "false",
        JsonTokenType.Null => "null",
        _ => "nothing",
    };

    /// <summary>The framework's own message is not used: a trimmed program carries no texts for it.</summary>
    private readonly SpecFormatException Malformed(JsonException error)
    {
        int offset = Offset(error.LineNumber ?? 0, error.BytePositionInLine ?? 0);
        if (offset >= _document.Length)
            return At("expected more JSON, found the end of the text", _document.Length);
        _ = Rune.DecodeFromUtf8(_document[offset..], out _, out int length); // ignored: the text was checked to be UTF-8
        string found = $"'{JsonPlace.Printable(_document.Slice(offset, length))}'";
        if (_complete)
            return At($"expected the end of the text, found {found}", offset);
        // The reader's own depth does not count a bracket it stands on.
        int depth = _reader.CurrentDepth + (_reader.TokenType is JsonTokenType.StartObject or JsonTokenType.StartArray ? 1 : 0);
        if (depth >= MaxDepth && _document[offset] is (byte)'{' or (byte)'[')
            return At($"expected at most {MaxDepth} levels, found more", offset);
        return At($"expected JSON, found {found}", offset);
    }

    private readonly int Offset(long line, long column)
    {
        int start = 0;
        for (; line > 0; line--)
            start += _document[start..].IndexOf((byte)'\n') + 1;
        return (int)Math.Min(start + column, _document.Length);
    }

    private static int FirstInvalidUtf8(ReadOnlySpan<byte> text)
    {
        int offset = 0;
        while (Rune.DecodeFromUtf8(text[offset..], out _, out int length) == System.Buffers.OperationStatus.Done)
            offset += length;
        return offset;
    }

    /// <summary>An object being read: which known members were seen, by their place in the chain, and which unknown ones.</summary>
    private struct Frame
    {
        public ulong Seen;
        public int Start;
        public HashSet<string>? Unknown;
    }

    /// <summary>Room for the known objects inside each other; the deepest known path has five.</summary>
    [InlineArray(12)]
    private struct Frames
    {
        private Frame _first;
    }
}

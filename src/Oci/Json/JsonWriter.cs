using System.Buffers.Text;
using System.Text;

namespace Rundlet.Oci;

/// <summary>
/// Writes one JSON document (RFC 8259) into memory, in the order of the calls. In place of <c>Utf8JsonWriter</c>, whose encoder builds
/// tables of 65,536 characters before the first letter: a tenth of a millisecond of every container start. Only what JSON demands
/// is escaped; half of a surrogate pair becomes U+FFFD.
/// </summary>
/// <param name="indented">Whether members stand on lines of their own, two spaces deeper than their object.</param>
public sealed class JsonWriter(bool indented = false)
{
    private byte[] _buffer = new byte[1024];
    private int _length;
    private int _depth;
    private bool _first = true; // nothing has been written at this level
    private bool _named; // a name was written and its value is due

    /// <summary>What was written so far.</summary>
    public ReadOnlySpan<byte> Written => _buffer.AsSpan(0, _length);

    /// <summary>A copy of <see cref="Written"/>.</summary>
    public byte[] ToArray() => Written.ToArray();

    /// <summary>Begins an object that is the document or an element.</summary>
    public void WriteStartObject() => Begin((byte)'{');

    /// <summary>Begins an object that is a member.</summary>
    public void WriteStartObject(ReadOnlySpan<byte> name)
    {
        WritePropertyName(name);
        Begin((byte)'{');
    }

    /// <summary>Ends the object that was begun last.</summary>
    public void WriteEndObject() => End((byte)'}');

    /// <summary>Begins an array that is the document or an element.</summary>
    public void WriteStartArray() => Begin((byte)'[');

    /// <summary>Begins an array that is a member.</summary>
    public void WriteStartArray(ReadOnlySpan<byte> name)
    {
        WritePropertyName(name);
        Begin((byte)'[');
    }

    /// <summary>Ends the array that was begun last.</summary>
    public void WriteEndArray() => End((byte)']');

    /// <summary>The name of a member; its value comes next.</summary>
    public void WritePropertyName(ReadOnlySpan<byte> name)
    {
        Separate();
        Quoted(name);
        Name();
    }

    /// <summary>The name of a member; its value comes next.</summary>
    public void WritePropertyName(string name)
    {
        Separate();
        Quoted(name);
        Name();
    }

    /// <summary>A text as a member; <c>null</c> for null.</summary>
    public void WriteString(ReadOnlySpan<byte> name, string? value)
    {
        WritePropertyName(name);
        WriteStringValue(value);
    }

    /// <summary>A text in UTF-8 as a member. What is not UTF-8 becomes U+FFFD.</summary>
    public void WriteString(ReadOnlySpan<byte> name, ReadOnlySpan<byte> value)
    {
        WritePropertyName(name);
        Separate();
        Quoted(value);
    }

    /// <summary>A text as a member; <c>null</c> for null.</summary>
    public void WriteString(string name, string? value)
    {
        WritePropertyName(name);
        WriteStringValue(value);
    }

    /// <summary>A text as an element or the value of a name; <c>null</c> for null.</summary>
    public void WriteStringValue(string? value)
    {
        Separate();
        if (value is null)
            Append("null"u8);
        else
            Quoted(value);
    }

    /// <summary>A number as a member.</summary>
    public void WriteNumber(ReadOnlySpan<byte> name, long value)
    {
        WritePropertyName(name);
        WriteNumberValue(value);
    }

    /// <summary>A number as a member.</summary>
    public void WriteNumber(ReadOnlySpan<byte> name, ulong value)
    {
        WritePropertyName(name);
        WriteNumberValue(value);
    }

    /// <summary>A number as an element or the value of a name.</summary>
    public void WriteNumberValue(long value)
    {
        Separate();
        Reserve(24);
        Utf8Formatter.TryFormat(value, _buffer.AsSpan(_length), out int written);
        _length += written;
    }

    /// <summary>A number as an element or the value of a name.</summary>
    public void WriteNumberValue(ulong value)
    {
        Separate();
        Reserve(24);
        Utf8Formatter.TryFormat(value, _buffer.AsSpan(_length), out int written);
        _length += written;
    }

    /// <summary>Hundredths as a number with two decimals, as a member.</summary>
    public void WriteHundredths(ReadOnlySpan<byte> name, uint value)
    {
        WriteNumber(name, (ulong)value / 100);
        Append([(byte)'.', (byte)('0' + value / 10 % 10), (byte)('0' + value % 10)]);
    }

    /// <summary>A truth value as a member.</summary>
    public void WriteBoolean(ReadOnlySpan<byte> name, bool value)
    {
        WritePropertyName(name);
        WriteBooleanValue(value);
    }

    /// <summary>A truth value as an element or the value of a name.</summary>
    public void WriteBooleanValue(bool value)
    {
        Separate();
        Append(value ? "true"u8 : "false"u8);
    }

    /// <summary><c>null</c> as a member.</summary>
    public void WriteNull(ReadOnlySpan<byte> name)
    {
        WritePropertyName(name);
        Separate();
        Append("null"u8);
    }

    /// <summary>A line break behind the document.</summary>
    public void EndLine() => Append((byte)'\n');

    private void Begin(byte bracket)
    {
        Separate();
        Append(bracket);
        _depth++;
        _first = true;
    }

    private void End(byte bracket)
    {
        _depth--;
        if (!_first)
            NewLine();
        Append(bracket);
        _first = false;
    }

    // Before every name and every value: the comma, unless it is the first of its level or has just been named.
    private void Separate()
    {
        if (_named)
        {
            _named = false;
            return;
        }
        if (!_first)
            Append((byte)',');
        if (_depth > 0)
            NewLine();
        _first = false;
    }

    private void Name()
    {
        Append((byte)':');
        if (indented)
            Append((byte)' ');
        _named = true;
    }

    private void NewLine()
    {
        if (!indented)
            return;
        Append((byte)'\n');
        for (int i = 0; i < _depth; i++)
            Append("  "u8);
    }

    private void Quoted(string text)
    {
        if (!Ascii.IsValid(text))
        {
            Quoted(Encoding.UTF8.GetBytes(text));
            return;
        }
        Append((byte)'"');
        foreach (char c in text)
            Escape((byte)c);
        Append((byte)'"');
    }

    private void Quoted(ReadOnlySpan<byte> text)
    {
        Append((byte)'"');
        if (!System.Text.Unicode.Utf8.IsValid(text))
            text = Encoding.UTF8.GetBytes(Encoding.UTF8.GetString(text));
        foreach (byte b in text)
            Escape(b);
        Append((byte)'"');
    }

    private void Escape(byte b)
    {
        if (b >= 0x20 && b != (byte)'"' && b != (byte)'\\' && b != 0x7F)
        {
            Append(b);
            return;
        }
        ReadOnlySpan<byte> known = b switch
        {
            (byte)'"' => "\\\""u8,
            (byte)'\\' => "\\\\"u8,
            (byte)'\n' => "\\n"u8,
            (byte)'\r' => "\\r"u8,
            (byte)'\t' => "\\t"u8,
            _ => "\\u00"u8,
        };
        Append(known);
        if (known.Length == 2)
            return;
        Append(Digit(b >> 4));
        Append(Digit(b & 15));
    }

    private static byte Digit(int value) => (byte)(value < 10 ? '0' + value : 'a' + value - 10);

    private void Append(byte value)
    {
        Reserve(1);
        _buffer[_length++] = value;
    }

    private void Append(ReadOnlySpan<byte> bytes)
    {
        Reserve(bytes.Length);
        bytes.CopyTo(_buffer.AsSpan(_length));
        _length += bytes.Length;
    }

    private void Reserve(int count)
    {
        if (_length + count > _buffer.Length)
            Array.Resize(ref _buffer, Math.Max(_length + count, 2 * _buffer.Length));
    }
}

using System.Text;
using System.Text.Json;

namespace Rundlet.Engine.Logs;

/// <summary>
/// From lines of a file to records. Lines as the supervisor writes them are taken apart in place; others, of another writer of the same
/// format, by a parser of JSON.
/// </summary>
internal sealed class LogLine
{
    private const int TimeEnd = 2; // "}
    private const int TimeStart = LogMoment.Length + TimeEnd;

    private byte[] _text = new byte[1024];

    /// <summary>The time of a line that the supervisor has written; empty for another one.</summary>
    public static ReadOnlySpan<byte> TimeOf(ReadOnlySpan<byte> line)
    {
        ReadOnlySpan<byte> name = "\"time\":\""u8;
        return line.Length > TimeStart + name.Length && line.EndsWith("Z\"}"u8) && line[..^TimeStart].EndsWith(name) ? line[^TimeStart..^TimeEnd] : default;
    }

    /// <summary>Reads a line.</summary>
    /// <returns>False where it is damaged.</returns>
    public bool TryRead(ReadOnlySpan<byte> line, out LogRecord record)
    {
        if (_text.Length < line.Length)
            _text = new byte[Math.Max(line.Length, 2 * _text.Length)];
        return TryReadOwn(line, out record) || TryReadAny(line, out record);
    }

    private bool TryReadOwn(ReadOnlySpan<byte> line, out LogRecord record)
    {
        record = default;
        ReadOnlySpan<byte> begin = "{\"log\":\""u8, stdout = "\",\"stream\":\"stdout\","u8, stderr = "\",\"stream\":\"stderr\","u8;
        ReadOnlySpan<byte> time = TimeOf(line);
        if (time.IsEmpty || !line.StartsWith(begin) || !TryUnescape(line[begin.Length..], out int used, out int length))
            return false;
        ReadOnlySpan<byte> rest = line[(begin.Length + used)..];
        bool isError = rest.StartsWith(stderr);
        if (!isError && !rest.StartsWith(stdout))
            return false;
        rest = rest[stdout.Length..^(TimeStart + "\"time\":\"".Length)];
        ReadOnlySpan<byte> name = "\"attrs\":"u8;
        if (!rest.IsEmpty && !(rest.StartsWith(name) && rest[^1] == (byte)','))
            return false;
        record = new LogRecord { Text = _text.AsSpan(0, length), IsError = isError, Time = time, Attributes = rest.IsEmpty ? default : rest[name.Length..^1] };
        return true;
    }

    // Up to the closing quote; escapes that the supervisor does not write are left to the other parser.
    private bool TryUnescape(ReadOnlySpan<byte> text, out int used, out int length)
    {
        (used, length) = (0, 0);
        while (true)
        {
            int plain = text[used..].IndexOfAny((byte)'"', (byte)'\\');
            if (plain < 0)
                return false;
            text.Slice(used, plain).CopyTo(_text.AsSpan(length));
            used += plain;
            length += plain;
            if (text[used] == (byte)'"')
                return true;
            if (used + 1 >= text.Length)
                return false;
            int width = 2;
            byte value = text[used + 1] switch
            {
                (byte)'n' => (byte)'\n',
                (byte)'r' => (byte)'\r',
                (byte)'t' => (byte)'\t',
                (byte)'"' => (byte)'"',
                (byte)'\\' => (byte)'\\',
                (byte)'u' => Control(text[(used + 2)..], ref width),
                _ => 0xFF,
            };
            if (value == 0xFF)
                return false;
            _text[length++] = value;
            used += width;
        }
    }

    private static byte Control(ReadOnlySpan<byte> digits, ref int width)
    {
        width = 6;
        if (digits.Length < 4 || !digits.StartsWith("00"u8) || !byte.TryParse(digits[2..4], System.Globalization.NumberStyles.AllowHexSpecifier, null, out byte value))
            return 0xFF;
        return value < 0x80 ? value : (byte)0xFF;
    }

    private bool TryReadAny(ReadOnlySpan<byte> line, out LogRecord record)
    {
        record = default;
        int length = 0;
        bool isError = false;
        byte[]? time = null;
        ReadOnlySpan<byte> attributes = default;
        try
        {
            var json = new Utf8JsonReader(line);
            if (!json.Read() || json.TokenType != JsonTokenType.StartObject)
                return false;
            while (json.Read() && json.TokenType == JsonTokenType.PropertyName)
            {
                bool isLog = json.ValueTextEquals("log"u8), isStream = json.ValueTextEquals("stream"u8), isTime = json.ValueTextEquals("time"u8), isAttributes = json.ValueTextEquals("attrs"u8);
                json.Read();
                int start = (int)json.TokenStartIndex;
                if (isLog)
                    length = json.CopyString(_text);
                else if (isStream)
                    isError = json.ValueTextEquals("stderr"u8);
                else if (isTime)
                    time = LogMoment.OfText(json.GetString() ?? "");
                else
                    json.Skip();
                if (isAttributes)
                    attributes = line[start..(int)json.BytesConsumed];
            }
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException)
        {
            return false;
        }
        if (time is null)
            return false;
        record = new LogRecord { Text = _text.AsSpan(0, length), IsError = isError, Time = time, Attributes = attributes };
        return true;
    }
}

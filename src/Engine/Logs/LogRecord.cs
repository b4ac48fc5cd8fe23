using System.Text.Json;
using Rundlet.Linux;

namespace Rundlet.Engine.Logs;

/// <summary>One line of a json-file log.</summary>
/// <param name="Text">What the container wrote, as UTF-8, its line end included.</param>
/// <param name="IsError">Whether it was to standard error.</param>
/// <param name="Time">When, RFC 3339 with nanoseconds.</param>
public readonly record struct LogRecord(byte[] Text, bool IsError, string Time)
{
    /// <summary>Reads a line of the file.</summary>
    /// <exception cref="ContainerException">Internal: it is damaged.</exception>
    public static LogRecord Parse(ReadOnlySpan<byte> line)
    {
        byte[] text = [];
        bool isError = false;
        string time = "";
        try
        {
            var json = new Utf8JsonReader(line);
            json.Read();
            while (json.Read() && json.TokenType == JsonTokenType.PropertyName)
            {
                bool isLog = json.ValueTextEquals("log"u8), isStream = json.ValueTextEquals("stream"u8), isTime = json.ValueTextEquals("time"u8);
                json.Read();
                if (isLog)
                    text = TextOf(ref json);
                else if (isStream)
                    isError = json.ValueTextEquals("stderr"u8);
                else if (isTime)
                    time = json.GetString() ?? "";
                else
                    json.Skip();
            }
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException)
        {
            throw new ContainerException(ContainerErrorKind.Internal, "a line of the log is damaged", e);
        }
        return new LogRecord(text, isError, time);
    }

    private static byte[] TextOf(ref Utf8JsonReader json)
    {
        byte[] buffer = new byte[json.ValueSpan.Length];
        return buffer.AsSpan(0, json.CopyString(buffer)).ToArray();
    }
}

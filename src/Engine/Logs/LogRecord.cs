using System.Text;
using System.Text.Json;

namespace Rundlet.Engine.Logs;

/// <summary>One record of a log. What it shows is valid until the next one is read.</summary>
public readonly ref struct LogRecord
{
    /// <summary>What the container wrote, as UTF-8, its line end included; a long line is several records, of which the last has the end.</summary>
    public required ReadOnlySpan<byte> Text { get; init; }

    /// <summary>Whether it was to standard error.</summary>
    public required bool IsError { get; init; }

    /// <summary>When, RFC 3339 in UTC with nanoseconds: <see cref="LogMoment.Length"/> bytes.</summary>
    public required ReadOnlySpan<byte> Time { get; init; }

    /// <summary>Labels, variables and tag that go with it, as a JSON object; empty where there are none.</summary>
    public ReadOnlySpan<byte> Attributes { get; init; }

    /// <summary>The attributes as docker shows them: <c>a=b,c=d</c>, by name.</summary>
    public string Details()
    {
        if (Attributes.IsEmpty)
            return "";
        SortedDictionary<string, string> sorted = new(StringComparer.Ordinal);
        try
        {
            var json = new Utf8JsonReader(Attributes);
            json.Read();
            while (json.Read() && json.TokenType == JsonTokenType.PropertyName)
            {
                string name = json.GetString()!;
                json.Read();
                if (json.TokenType == JsonTokenType.String)
                    sorted[name] = json.GetString()!;
                else
                    json.Skip();
            }
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException)
        {
            return ""; // somebody has written into the file: the line is shown, its details cannot be
        }
        return string.Join(',', sorted.Select(pair => $"{Escape(pair.Key)}={Escape(pair.Value)}"));
    }

    // As a part of a query: what separates attributes cannot be in one.
    private static string Escape(string text) => Uri.EscapeDataString(text).Replace("%20", "+", StringComparison.Ordinal);
}

using System.Buffers;
using System.Globalization;
using System.Text;
using System.Text.Json;

namespace Rundlet.Oci;

/// <summary>
/// A place in a JSON text. It is worked out only when something is wrong, by reading the text a second time up to the mistake;
/// a reader that succeeds never pays for it.
/// </summary>
internal readonly record struct JsonPlace(string Path, int Line, int Column)
{
    private const int LongestText = 64;

    /// <summary>The document as a whole: the mistake is not at one line.</summary>
    public static JsonPlace Document { get; } = new("", 0, 0);

    /// <summary>The place of the byte at <paramref name="offset"/>; the path is that of the token which holds it.</summary>
    public static JsonPlace Find(ReadOnlySpan<byte> document, int offset)
    {
        offset = Math.Clamp(offset, 0, document.Length);
        ReadOnlySpan<byte> before = document[..offset];
        ReadOnlySpan<byte> line = before[(before.LastIndexOf((byte)'\n') + 1)..];
        return new JsonPlace(PathTo(document, offset), before.Count((byte)'\n') + 1, CountCharacters(line) + 1);
    }

    /// <summary>Text of the document made fit for a message: shortened, without control characters.</summary>
    public static string Printable(ReadOnlySpan<byte> text)
    {
        var shown = new StringBuilder();
        while (!text.IsEmpty)
        {
            if (shown.Length >= LongestText)
                return shown.Append('…').ToString();
            if (Rune.DecodeFromUtf8(text, out Rune rune, out int length) != OperationStatus.Done)
                shown.Append(CultureInfo.InvariantCulture, $"\\x{text[0]:x2}");
            else if (Rune.GetUnicodeCategory(rune) is UnicodeCategory.Control or UnicodeCategory.Format
                or UnicodeCategory.LineSeparator or UnicodeCategory.ParagraphSeparator)
                shown.Append(CultureInfo.InvariantCulture, $"\\u{rune.Value:x4}");
            else
                shown.Append(rune.ToString());
            text = text[length..];
        }
        return shown.ToString();
    }

    /// <inheritdoc cref="Printable(ReadOnlySpan{byte})"/>
    public static string Printable(string text) => Printable(Encoding.UTF8.GetBytes(text));

    private static int CountCharacters(ReadOnlySpan<byte> line)
    {
        int count = 0;
        for (; !line.IsEmpty; count++)
        {
            _ = Rune.DecodeFromUtf8(line, out _, out int length); // ignored: a broken sequence counts as one character
            line = line[length..];
        }
        return count;
    }

    private static string PathTo(ReadOnlySpan<byte> document, int offset)
    {
        var reader = new Utf8JsonReader(document, new JsonReaderOptions { MaxDepth = JsonCursor.MaxDepth });
        var steps = new List<Step>();
        try
        {
            while (reader.Read())
            {
                if (reader.TokenType is JsonTokenType.EndObject or JsonTokenType.EndArray)
                    steps.RemoveAt(steps.Count - 1);
                else if (reader.TokenType == JsonTokenType.PropertyName)
                    steps[^1].Name = Printable(reader.ValueSpan);
                else if (steps.Count > 0 && steps[^1].Name is null)
                    steps[^1].Index++;

                if (reader.BytesConsumed > offset)
                    break;
                if (reader.TokenType is JsonTokenType.StartObject or JsonTokenType.StartArray)
                    steps.Add(new Step { Name = reader.TokenType == JsonTokenType.StartObject ? "" : null });
            }
        }
        catch (JsonException broken)
        {
            _ = broken; // ignored: the text is broken here, and the path reaches as far as it could be read
        }
        return Format(steps);
    }

    private static string Format(List<Step> steps)
    {
        var path = new StringBuilder();
        foreach (Step step in steps)
        {
            if (step.Name is null)
            {
                if (step.Index >= 0)
                    path.Append(CultureInfo.InvariantCulture, $"[{step.Index}]");
            }
            else if (step.Name.AsSpan().ContainsAny(".[]' "))
                path.Append(CultureInfo.InvariantCulture, $"[{step.Name}]");
            else if (step.Name.Length > 0)
                path.Append(path.Length == 0 ? "" : ".").Append(step.Name);
        }
        return path.ToString();
    }

    /// <summary>One object (with the member being read) or one array (with the index being read) on the way to the place.</summary>
    private sealed class Step
    {
        public string? Name { get; set; }
        public int Index { get; set; } = -1;
    }
}

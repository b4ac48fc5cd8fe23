using System.Buffers;
using System.Globalization;
using System.Text;
using System.Text.Json;
using YamlDotNet.Core;
using YamlDotNet.Core.Events;

namespace Rundlet.Engine.Documents;

/// <summary>
/// YAML documents as JSON, so that one reader reads both. Words that are not in quotes are null, truth values and numbers as YAML 1.2's core
/// schema has them. Depth and size are bounded, and aliases may not multiply a document.
/// </summary>
public static class YamlDocument
{
    private const int MaxDepth = 64;
    private const int MaxNodes = 100_000;

    /// <summary>The document; an empty one is null.</summary>
    /// <exception cref="FormatException">It is no YAML, or beyond the bounds; says where.</exception>
    public static byte[] ToJson(ReadOnlySpan<byte> yaml)
    {
        try
        {
            Parser parser = new(new StringReader(Encoding.UTF8.GetString(yaml)));
            parser.Consume<StreamStart>();
            List<ParsingEvent> events = [];
            if (parser.TryConsume<DocumentStart>(out _))
            {
                while (!parser.TryConsume<DocumentEnd>(out _))
                    events.Add(events.Count < MaxNodes ? parser.Consume<ParsingEvent>() : throw new FormatException($"more than {MaxNodes} nodes"));
            }
            if (!parser.TryConsume<StreamEnd>(out _))
                throw new FormatException("more than one document");
            return new Translation(events).ToJson();
        }
        catch (YamlException e)
        {
            throw new FormatException($"line {e.Start.Line}: {e.Message}", e);
        }
    }

    private sealed class Translation(List<ParsingEvent> events)
    {
        private readonly Dictionary<string, (int Start, int End)> _anchors = [];
        private readonly ArrayBufferWriter<byte> _buffer = new();
        private int _written;

        public byte[] ToJson()
        {
            using (Utf8JsonWriter json = new(_buffer))
            {
                if (events.Count == 0)
                    json.WriteNullValue();
                else
                    Write(json, 0, 0);
            }
            return _buffer.WrittenSpan.ToArray();
        }

        // Writes the node that begins at a place; answers the place behind it.
        private int Write(Utf8JsonWriter json, int at, int depth)
        {
            ParsingEvent node = events[at];
            if (depth > MaxDepth || ++_written > MaxNodes)
                throw Wrong(node, depth > MaxDepth ? $"more than {MaxDepth} levels" : $"more than {MaxNodes} nodes");
            int end;
            switch (node)
            {
                case AnchorAlias alias:
                    if (!_anchors.TryGetValue(alias.Value.Value, out (int Start, int End) range))
                        throw Wrong(node, $"no anchor '{alias.Value.Value}'");
                    _ = Write(json, range.Start, depth + 1); // ignored: where the anchor's node ends is of no interest here
                    return at + 1;
                case SequenceStart:
                    json.WriteStartArray();
                    for (end = at + 1; events[end] is not SequenceEnd;)
                        end = Write(json, end, depth + 1);
                    json.WriteEndArray();
                    end++;
                    break;
                case MappingStart:
                    end = WriteMapping(json, at + 1, depth);
                    break;
                case Scalar scalar:
                    WriteScalar(json, scalar);
                    end = at + 1;
                    break;
                default:
                    throw Wrong(node, $"unexpected {node.GetType().Name}");
            }
            // An anchor is known once its node is whole: none can hold itself.
            if (node is NodeEvent { Anchor.IsEmpty: false } named)
                _anchors[named.Anchor.Value] = (at, end);
            return end;
        }

        private int WriteMapping(Utf8JsonWriter json, int at, int depth)
        {
            HashSet<string> keys = [];
            json.WriteStartObject();
            while (events[at] is not MappingEnd)
            {
                if (events[at] is not Scalar key || key.Value == "<<")
                    throw Wrong(events[at], "a key must be a word, and merge keys are not supported");
                if (!keys.Add(key.Value))
                    throw Wrong(key, $"'{key.Value}' is there twice");
                json.WritePropertyName(key.Value);
                at = Write(json, at + 1, depth + 1);
            }
            json.WriteEndObject();
            return at + 1;
        }

        private static void WriteScalar(Utf8JsonWriter json, Scalar scalar)
        {
            string text = scalar.Value;
            if (scalar.Style != ScalarStyle.Plain || !scalar.IsPlainImplicit)
                json.WriteStringValue(text);
            else if (text is "" or "~" or "null" or "Null" or "NULL")
                json.WriteNullValue();
            else if (text is "true" or "True" or "TRUE" or "false" or "False" or "FALSE")
                json.WriteBooleanValue(text[0] is 't' or 'T');
            else if (TryInteger(text, out long integer))
                json.WriteNumberValue(integer);
            else if (text[0] is '-' or '+' or '.' or (>= '0' and <= '9') && double.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out double number) && double.IsFinite(number))
                json.WriteNumberValue(number);
            else
                json.WriteStringValue(text);
        }

        private static bool TryInteger(string text, out long number)
        {
            if (text.StartsWith("0x", StringComparison.Ordinal))
                return long.TryParse(text.AsSpan(2), NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out number);
            if (text.StartsWith("0o", StringComparison.Ordinal))
                return TryOctal(text.AsSpan(2), out number);
            return long.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out number);
        }

        private static bool TryOctal(ReadOnlySpan<char> digits, out long number)
        {
            number = 0;
            foreach (char digit in digits)
            {
                if (digit is < '0' or > '7' || number > long.MaxValue >> 3)
                    return false;
                number = (number << 3) | (uint)(digit - '0');
            }
            return digits.Length > 0;
        }

        private static FormatException Wrong(ParsingEvent node, string problem) => new($"line {node.Start.Line}: {problem}");
    }
}

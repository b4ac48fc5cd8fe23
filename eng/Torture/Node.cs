using System.Text;
using System.Text.Json;

namespace Rundlet.Torture;

/// <summary>A JSON value that may be wrong in every way: members stand twice, texts are bytes.</summary>
internal abstract class Node
{
    /// <summary>Reads well-formed JSON.</summary>
    public static Node Parse(string json)
    {
        using JsonDocument document = JsonDocument.Parse(json);
        return From(document.RootElement);
    }

    /// <summary>A copy that shares nothing that changes.</summary>
    public abstract Node Clone();

    /// <summary>Writes it.</summary>
    public abstract void Write(Stream to);

    private static Node From(JsonElement element)
    {
        switch (element.ValueKind)
        {
            case JsonValueKind.Object:
                ObjectNode made = new();
                foreach (JsonProperty member in element.EnumerateObject())
                    made.Members.Add((Leaf.Quote(member.Name), From(member.Value)));
                return made;
            case JsonValueKind.Array:
                ArrayNode list = new();
                foreach (JsonElement item in element.EnumerateArray())
                    list.Items.Add(From(item));
                return list;
            default:
                return new Leaf(Encoding.UTF8.GetBytes(element.GetRawText()));
        }
    }
}

/// <summary>Anything written as it stands: a text with its quotes, a number, a word, garbage.</summary>
internal sealed class Leaf(byte[] text) : Node
{
    /// <summary>As in the document.</summary>
    public byte[] Text => text;

    /// <summary>A text in quotes.</summary>
    public static byte[] Quote(string value) => Encoding.UTF8.GetBytes(JsonSerializer.Serialize(value, JsonSerializerOptions.Web));

    public override Node Clone() => this;

    public override void Write(Stream to) => to.Write(text);
}

/// <summary>An array.</summary>
internal sealed class ArrayNode : Node
{
    public List<Node> Items { get; } = [];

    public override Node Clone()
    {
        ArrayNode copy = new();
        foreach (Node item in Items)
            copy.Items.Add(item.Clone());
        return copy;
    }

    public override void Write(Stream to)
    {
        to.WriteByte((byte)'[');
        for (int i = 0; i < Items.Count; i++)
        {
            if (i > 0)
                to.WriteByte((byte)',');
            Items[i].Write(to);
        }
        to.WriteByte((byte)']');
    }
}

/// <summary>An object; names with their quotes, in order, as often as they stand.</summary>
internal sealed class ObjectNode : Node
{
    public List<(byte[] Name, Node Value)> Members { get; } = [];

    public override Node Clone()
    {
        ObjectNode copy = new();
        foreach ((byte[] name, Node value) in Members)
            copy.Members.Add((name, value.Clone()));
        return copy;
    }

    public override void Write(Stream to)
    {
        to.WriteByte((byte)'{');
        for (int i = 0; i < Members.Count; i++)
        {
            if (i > 0)
                to.WriteByte((byte)',');
            to.Write(Members[i].Name);
            to.WriteByte((byte)':');
            Members[i].Value.Write(to);
        }
        to.WriteByte((byte)'}');
    }
}

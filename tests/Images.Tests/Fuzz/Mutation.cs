using System.Text;
using System.Text.Json.Nodes;

namespace Rundlet.Images.Tests.Fuzz;

/// <summary>Ways to spoil what is good.</summary>
internal static class Mutation
{
    private static readonly byte[] s_numbers = [0, 1, 0x7f, 0x80, 0xff, (byte)'0', (byte)'/', (byte)'.', (byte)' ', (byte)'\n'];

    /// <summary>A few changes: bits, bytes, pieces doubled, moved, taken out, words put in, the end cut off.</summary>
    public static byte[] Bytes(byte[] good, Random random, params string[] words)
    {
        List<byte> bytes = [.. good];
        for (int i = random.Next(1, 6); i > 0 && bytes.Count > 0; i--)
        {
            int at = random.Next(bytes.Count);
            int length = Math.Min(random.Next(1, 64), bytes.Count - at);
            switch (random.Next(8))
            {
                case 0:
                    bytes[at] = (byte)random.Next(256);
                    break;
                case 1:
                    bytes[at] ^= (byte)(1 << random.Next(8));
                    break;
                case 2:
                    bytes[at] = s_numbers[random.Next(s_numbers.Length)];
                    break;
                case 3:
                    bytes.RemoveRange(at, length);
                    break;
                case 4:
                    bytes.InsertRange(at, bytes.GetRange(at, length));
                    break;
                case 5:
                    bytes.InsertRange(random.Next(bytes.Count), bytes.GetRange(at, length));
                    break;
                case 6 when words.Length > 0:
                    bytes.InsertRange(at, Encoding.Latin1.GetBytes(words[random.Next(words.Length)]));
                    break;
                case 7 when random.Next(4) == 0:
                    bytes.RemoveRange(at, bytes.Count - at);
                    break;
            }
        }
        return [.. bytes];
    }

    /// <summary>A document with some of its values exchanged for others, its members doubled, renamed or taken away.</summary>
    public static byte[] Json(string good, Random random)
    {
        JsonNode root = JsonNode.Parse(good)!;
        for (int i = random.Next(1, 4); i > 0; i--)
        {
            List<JsonNode> holders = [.. Holders(root)];
            switch (holders[random.Next(holders.Count)])
            {
                case JsonObject { Count: > 0 } members:
                    string name = members.ElementAt(random.Next(members.Count)).Key;
                    Change(members, name, random);
                    break;
                case JsonArray { Count: > 0 } array:
                    int index = random.Next(array.Count);
                    if (random.Next(3) == 0)
                        array.Add(array[index]?.DeepClone());
                    else
                        array[index] = Value(random);
                    break;
            }
        }
        byte[] text = Encoding.UTF8.GetBytes(root.ToJsonString());
        return random.Next(4) == 0 ? Bytes(text, random, "\"", "{", "}", "[", "]", ",", ":", "null", "1e9", "\\u0000", "\\ud800") : text;
    }

    private static void Change(JsonObject members, string name, Random random)
    {
        switch (random.Next(4))
        {
            case 0:
                members.Remove(name);
                break;
            case 1:
                members[name.ToUpperInvariant()] = members[name]?.DeepClone();
                break;
            default:
                members[name] = Value(random);
                break;
        }
    }

    private static IEnumerable<JsonNode> Holders(JsonNode node)
    {
        yield return node;
        IEnumerable<JsonNode?> children = node switch
        {
            JsonObject members => members.Select(member => member.Value),
            JsonArray array => array,
            _ => [],
        };
        foreach (JsonNode child in children.OfType<JsonNode>().Where(child => child is JsonObject or JsonArray).SelectMany(Holders))
            yield return child;
    }

    private static JsonNode? Value(Random random) => random.Next(16) switch
    {
        0 or 1 => null,
        2 => JsonValue.Create(-1),
        3 => JsonValue.Create(long.MaxValue),
        4 => JsonValue.Create(1.5),
        5 => JsonValue.Create(true),
        6 => JsonValue.Create(""),
        7 => JsonValue.Create("../../etc/passwd"),
        8 => JsonValue.Create("sha256:" + new string('a', 64)),
        9 => JsonValue.Create("sha512:" + new string('a', 128)),
        10 => JsonValue.Create(new string('x', random.Next(10_000))),
        11 => new JsonObject(),
        12 => new JsonArray(null, 1, "x"),
        13 => new JsonObject { ["a"] = new JsonObject { ["b"] = null } },
        14 => JsonValue.Create("\u202e\u0007\n"),
        _ => Enumerable.Range(0, random.Next(1, 60)).Aggregate((JsonNode)new JsonArray(), (inner, _) => new JsonArray(inner)),
    };
}

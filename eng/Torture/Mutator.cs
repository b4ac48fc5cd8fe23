using System.Text;

namespace Rundlet.Torture;

/// <summary>Makes hostile documents out of real ones: mostly one to four changes of the tree, sometimes of the bytes.</summary>
internal sealed class Mutator(Random random, string prefix)
{
    private const int ManyEntries = 2000;

    private readonly Node[] _specs = [.. new[] { "working", "working", "working", "working", "user", "user", "hooks", "hooks", "features", "features", "everything" }.Select(Load)];
    private readonly Node _process = Load("process");
    private readonly Node[] _resources = [.. new[] { "working", "features", "everything" }.Select(name => Member(Member(Load(name), "linux"), "resources"))];

    /// <summary>A config.json.</summary>
    public byte[] Spec() => Mutated(_specs[random.Next(_specs.Length)].Clone());

    /// <summary>A process.json.</summary>
    public byte[] Process() => Mutated(_process.Clone());

    /// <summary>A file for <c>update --resources</c>.</summary>
    public byte[] Resources() => Mutated(Garbage.Pick(random, _resources).Clone());

    /// <summary>A spec that works, unchanged.</summary>
    public byte[] Working(string name, string id)
    {
        Node spec = Load(name);
        _ = new Restraint(random, prefix) { Cgroup = $"/{prefix}/{id}" }.Apply(spec);
        return Bytes(spec);
    }

    private static Node Load(string name)
    {
        using Stream stream = typeof(Mutator).Assembly.GetManifestResourceStream(name) ?? throw new InvalidOperationException($"no spec '{name}' in this program");
        using StreamReader reader = new(stream);
        return Node.Parse(reader.ReadToEnd());
    }

    private static Node Member(Node document, string name) =>
        ((ObjectNode)document).Members.Single(member => member.Name.AsSpan().SequenceEqual(Leaf.Quote(name))).Value;

    private byte[] Mutated(Node document)
    {
        int changes = random.Next(10) switch { < 4 => 1, < 7 => 2, < 9 => 3, _ => random.Next(4, 12) };
        for (int i = 0; i < changes; i++)
            document = Change(document);
        document = new Restraint(random, prefix).Apply(document);
        byte[] bytes = Bytes(document);
        return random.Next(12) == 0 ? Scratched(bytes) : bytes;
    }

    private static byte[] Bytes(Node document)
    {
        using MemoryStream stream = new();
        document.Write(stream);
        return stream.ToArray();
    }

    private Node Change(Node document)
    {
        List<(Node Parent, int Index)> places = [];
        Collect(document, places);
        if (places.Count == 0 || random.Next(400) == 0)
            return Value();
        (Node parent, int index) = places[random.Next(places.Count)];
        if (parent is ObjectNode made)
            ChangeMember(made, index, places);
        else
            ChangeItem((ArrayNode)parent, index, places);
        return document;
    }

    private static void Collect(Node node, List<(Node, int)> places)
    {
        if (node is ObjectNode made)
        {
            for (int i = 0; i < made.Members.Count; i++)
            {
                places.Add((node, i));
                Collect(made.Members[i].Value, places);
            }
        }
        else if (node is ArrayNode list)
        {
            for (int i = 0; i < list.Items.Count; i++)
            {
                places.Add((node, i));
                Collect(list.Items[i], places);
            }
        }
    }

    private void ChangeMember(ObjectNode parent, int index, List<(Node, int)> places)
    {
        (byte[] name, Node value) = parent.Members[index];
        switch (random.Next(14))
        {
            case 0:
                parent.Members.RemoveAt(index);
                break;
            case 1:
                parent.Members.Insert(random.Next(parent.Members.Count + 1), (name, random.Next(2) == 0 ? value.Clone() : Value()));
                break;
            case 2:
                parent.Members[index] = (random.Next(3) == 0 ? Garbage.Text(random) : Leaf.Quote(Garbage.Pick(random, Garbage.Names)), value);
                break;
            case 3:
                parent.Members.Add((Leaf.Quote(Garbage.Pick(random, Garbage.Names)), Value()));
                break;
            case 4:
                parent.Members[index] = (name, Other(places));
                break;
            case 5 when random.Next(4) == 0:
                for (int i = random.Next(ManyEntries); i > 0; i--)
                    parent.Members.Add((Leaf.Quote($"{Garbage.Pick(random, Garbage.Names)}{i}"), value.Clone()));
                break;
            default:
                parent.Members[index] = (name, Changed(value));
                break;
        }
    }

    private void ChangeItem(ArrayNode parent, int index, List<(Node, int)> places)
    {
        Node value = parent.Items[index];
        switch (random.Next(12))
        {
            case 0:
                parent.Items.RemoveAt(index);
                break;
            case 1:
                parent.Items.Insert(index, value.Clone());
                break;
            case 2:
                parent.Items.Add(Other(places));
                break;
            case 3 when random.Next(4) == 0:
                for (int i = random.Next(ManyEntries); i > 0; i--)
                    parent.Items.Add(value.Clone());
                break;
            case 4:
                parent.Items.Reverse();
                break;
            default:
                parent.Items[index] = Changed(value);
                break;
        }
    }

    // Like what was there, as often as not: a wrong type alone tests only the reader.
    private Node Changed(Node value)
    {
        if (value is ObjectNode { Members.Count: > 0 } made && random.Next(8) != 0)
        {
            int index = random.Next(made.Members.Count);
            made.Members[index] = (made.Members[index].Name, Changed(made.Members[index].Value));
            return made;
        }
        if (value is ArrayNode { Items.Count: > 0 } list && random.Next(8) != 0)
        {
            int index = random.Next(list.Items.Count);
            list.Items[index] = Changed(list.Items[index]);
            return list;
        }
        if (value is Leaf leaf && random.Next(8) != 0)
        {
            bool text = leaf.Text is [(byte)'"', ..];
            bool word = leaf.Text is [(byte)'t' or (byte)'f', ..];
            return new Leaf(text ? Garbage.Text(random) : word ? Encoding.ASCII.GetBytes(random.Next(2) == 0 ? "true" : "false") : Number());
        }
        return random.Next(3) == 0 ? Nested(value) : Value();
    }

    private Node Value() => random.Next(4) switch
    {
        0 => new Leaf(Encoding.ASCII.GetBytes(Garbage.Pick(random, Garbage.Words))),
        1 => new Leaf(Number()),
        _ => new Leaf(Garbage.Text(random)),
    };

    private byte[] Number() => Encoding.ASCII.GetBytes(random.Next(3) == 0 ? random.NextInt64(-10, 100_000).ToString() : Garbage.Pick(random, Garbage.Numbers));

    private Node Nested(Node value)
    {
        int depth = random.Next(6) switch { 0 => 1_000, 1 => 64, 2 => 60, _ => random.Next(1, 5) };
        for (int i = 0; i < depth; i++)
        {
            ArrayNode around = new();
            around.Items.Add(value);
            value = around;
        }
        return value;
    }

    private Node Other(List<(Node Parent, int Index)> places)
    {
        (Node parent, int index) = places[random.Next(places.Count)];
        return (parent is ObjectNode made ? made.Members[index].Value : ((ArrayNode)parent).Items[index]).Clone();
    }

    private byte[] Scratched(byte[] bytes)
    {
        if (bytes.Length == 0)
            return bytes;
        int at = random.Next(bytes.Length);
        switch (random.Next(4))
        {
            case 0:
                return bytes[..at];
            case 1:
                bytes[at] = (byte)random.Next(256);
                return bytes;
            case 2:
                return [.. bytes[..at], (byte)random.Next(256), .. bytes[at..]];
            default:
                return [.. bytes, .. Garbage.Text(random)];
        }
    }
}

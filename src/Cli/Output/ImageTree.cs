using Rundlet.Images;
using Rundlet.Images.References;
using Rundlet.Oci;

namespace Rundlet.Cli.Output;

//   LAYERS AND IMAGES              SIZE      SHARED    UNIQUE
//   3 layers to 4f4fb700ef54       80.2MB                          layers on top of each other, where nothing else begins
//   ├─ debian:bookworm             105MB     80.2MB    24.8MB      an image that ends there
//   └─ layer 9c27e219663c          20MB                            a layer on top of those
//      └─ app:1, app:latest        …

/// <summary>Which images stand on the same layers, and what each takes.</summary>
internal sealed class ImageTree
{
    private const int ShortId = 12;

    private readonly Func<Digest, long> _sizeOf;
    private readonly Node _root = new(default);
    private readonly Table _table = new();

    private ImageTree(Func<Digest, long> sizeOf) => _sizeOf = sizeOf;

    /// <summary>Draws it.</summary>
    /// <param name="images">The images, in the order of the drawing.</param>
    /// <param name="sizeOf">Bytes in a layer.</param>
    public static string Draw(IEnumerable<ImageUsage> images, Func<Digest, long> sizeOf)
    {
        var tree = new ImageTree(sizeOf);
        foreach (ImageUsage image in images)
            tree.Add(image);
        tree._table.Add("LAYERS AND IMAGES", "SIZE", "SHARED", "UNIQUE");
        foreach (ImageUsage image in tree._root.Images)
            tree.AddRow("", image);
        foreach (Node node in tree._root.Above.Values)
            tree.AddRows(node, "", "");
        return tree._table.ToString();
    }

    private void Add(ImageUsage image)
    {
        Node node = _root;
        foreach (Digest layer in image.Image.Layers)
        {
            if (!node.Above.TryGetValue(layer, out Node? above))
                node.Above[layer] = above = new Node(layer);
            node = above;
        }
        node.Images.Add(image);
    }

    // Deep stacks are a run each, so the recursion is only as deep as images branch off each other.
    private void AddRows(Node node, string first, string others)
    {
        int count = 1;
        long size = _sizeOf(node.Layer);
        for (; node.Images.Count == 0 && node.Above.Count == 1; count++)
        {
            node = node.Above.Values.First();
            size += _sizeOf(node.Layer);
        }
        string id = node.Layer.Hex[..ShortId];
        _table.Add($"{first}{(count == 1 ? $"layer {id}" : $"{count} layers to {id}")}", Human.Decimal((ulong)size), "", "");
        int left = node.Images.Count + node.Above.Count;
        foreach (ImageUsage image in node.Images)
            AddRow(others + Branch(--left), image);
        foreach (Node above in node.Above.Values)
        {
            string branch = Branch(--left);
            AddRows(above, others + branch, others + (left > 0 ? "│  " : "   "));
        }
    }

    private void AddRow(string indent, ImageUsage usage)
    {
        string names = usage.Names.Count > 0 ? string.Join(", ", usage.Names.Select(name => ImageReference.Parse(name).Familiar)) : $"<none> {usage.Image.Id.Hex[..ShortId]}";
        _table.Add(indent + names, Human.Decimal((ulong)usage.Size), Human.Decimal((ulong)usage.Shared), Human.Decimal((ulong)usage.Unique));
    }

    private static string Branch(int left) => left > 0 ? "├─ " : "└─ ";

    private sealed class Node(Digest layer)
    {
        public Digest Layer => layer;

        public List<ImageUsage> Images { get; } = [];

        public Dictionary<Digest, Node> Above { get; } = [];
    }
}

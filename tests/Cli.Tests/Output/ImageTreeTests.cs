using Rundlet.Cli.Output;
using Rundlet.Images;
using Rundlet.Images.References;
using Rundlet.Oci;

namespace Rundlet.Cli.Tests.Output;

public sealed class ImageTreeTests
{
    [Fact]
    public void Images_stand_on_the_layers_that_they_share()
    {
        ImageUsage[] images =
        [
            Image(300, 300, [0, 1, 2], "docker.io/library/debian:latest"),
            Image(400, 300, [0, 1, 2, 3], "docker.io/library/app:1", "docker.io/library/app:latest"),
            Image(500, 300, [0, 1, 2, 4, 5], "docker.io/library/web:latest"),
            Image(510, 300, [0, 1, 2, 4, 5, 6]),
            Image(100, 0, [7], "registry.test/alone:latest"),
            Image(10, 0, [], "docker.io/library/scratch:latest"),
        ];
        string[] expected =
        [
            "LAYERS AND IMAGES | SIZE | SHARED | UNIQUE",
            "scratch:latest | 10B | 0B | 10B",
            "3 layers to 222222222222 | 300B | |",
            "├─ debian:latest | 300B | 300B | 0B",
            "├─ layer 333333333333 | 100B | |",
            "│  └─ app:1, app:latest | 400B | 300B | 100B",
            "└─ 2 layers to 555555555555 | 200B | |",
            "   ├─ web:latest | 500B | 300B | 200B",
            "   └─ layer 666666666666 | 100B | |",
            "      └─ <none> aaaaaaaaaaaa | 510B | 300B | 210B",
            "layer 777777777777 | 100B | |",
            "└─ registry.test/alone:latest | 100B | 0B | 100B",
        ];
        string[] drawn = ImageTree.Draw(images, _ => 100).TrimEnd('\n').Split('\n');
        Assert.Equal(expected, drawn.Select(Bars));
        Assert.Single(drawn[1..].Select(line => line.IndexOf("0B", StringComparison.Ordinal) - line[..line.IndexOf("0B", StringComparison.Ordinal)].Split(' ')[^1].Length).Distinct());
    }

    [Fact]
    public void A_stack_of_a_thousand_layers_is_one_line()
    {
        ImageUsage image = Image(1, 0, [.. Enumerable.Range(0, 1000)], "docker.io/library/deep:latest");
        Assert.Equal(3, ImageTree.Draw([image], _ => 1).TrimEnd('\n').Split('\n').Length);
    }

    private static ImageUsage Image(long size, long shared, int[] layers, params string[] names) => new(
        new ImageRecord
        {
            MediaType = MediaTypes.Manifest,
            Manifest = Digest.Of(System.Text.Encoding.UTF8.GetBytes($"{size}")),
            ManifestSize = 1,
            Id = Digest.Parse("sha256:" + new string('a', 64)),
            Layers = [.. layers.Select(LayerOf)],
            Size = size,
        },
        names, size, shared, []);

    private static Digest LayerOf(int number) =>
        number < 8 ? Digest.Parse("sha256:" + new string((char)('0' + number), 64)) : Digest.Of(System.Text.Encoding.UTF8.GetBytes($"layer {number}"));

    // Three blanks and more stand between cells; before a branch they stand for what has ended.
    private static string Bars(string line)
    {
        string indent = line[..(line.Length - line.TrimStart(' ', '│').Length)];
        string[] cells = [.. System.Text.RegularExpressions.Regex.Split(line[indent.Length..], " {3,}")];
        return (indent + string.Join(" | ", cells)).TrimEnd() + (cells.Length < 4 ? " |" : "");
    }
}

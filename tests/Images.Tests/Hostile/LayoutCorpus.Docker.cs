using Rundlet.Images.Tests.Tar;
using Rundlet.Oci;
using static Rundlet.Images.Tests.Hostile.HostileLayout;
using static Rundlet.Images.Tests.Hostile.LayoutBuilder;

namespace Rundlet.Images.Tests.Hostile;

/// <summary>Docker archives: names in <c>manifest.json</c> that lead elsewhere, and files that are not what they should be.</summary>
internal static partial class LayoutCorpus
{
    private static IEnumerable<HostileLayout> DockerFiles =>
    [
        Harmless("a good docker archive", b => Docker(b)),
        Refused("docker layer upwards", "has no file '../../canary'", b => Docker(b, layer: "../../canary")),
        Refused("docker layer by an absolute path", "has no file '/etc/passwd'", b => Docker(b, layer: "/etc/passwd")),
        Refused("docker layer with a NUL", "has no file", b => Docker(b, layer: "l\\u0000.tar", files: b => b.File("l", "x"))),
        Refused("docker configuration upwards", "has no file '../canary'", b => Docker(b, config: "../canary")),
        Refused("docker file upwards", "holds '..'", b => Docker(b, files: b => b.File("../canary", "evil"))),
        Refused("docker layer that links outwards", "out of the archive", b => Docker(b, layer: "x/layer.tar", files: b => b.Tar.Symlink("x/layer.tar", "../../canary"))),
        Refused("docker layer that links absolutely", "out of the archive", b => Docker(b, layer: "x/layer.tar", files: b => b.Tar.Symlink("x/layer.tar", "/etc/passwd"))),
        Refused("docker layer that is a hard link upwards", "holds '..'", b => Docker(b, layer: "x", files: b => b.Tar.HardLink("x", "../canary"))),
        Refused("docker layer that links to itself", "has no file 'x'", b => Docker(b, layer: "x", files: b => b.Tar.Symlink("x", "x"))),
        Refused("docker layers that link in a ring", "has no file 'x'", b => Docker(b, layer: "x", files: b => b.Tar.Symlink("x", "y").Symlink("y", "x"))),
        Refused("docker layer that is a folder", "has no file 'x'", b => Docker(b, layer: "x", files: b => b.Tar.Folder("x"))),
        Refused("docker layer that is a device", "neither a file", b => Docker(b, layer: "x", files: b => b.Tar.Entry('3', "x", major: "0000001", minor: "0000003"))),
        Refused("docker layer that is a fifo", "neither a file", b => Docker(b, layer: "x", files: b => b.Tar.Entry('6', "x"))),
        Refused("docker layer with holes", "holes", b => Docker(b, layer: "x", files: b => b.Tar.Pax(("GNU.sparse.map", "4,1"), ("GNU.sparse.size", "9")).File("x", "x"))),
        Harmless("docker layer that links to the layer", b => Docker(b, layer: "a/b/layer.tar", files: b => b.Tar.Symlink("a/b/layer.tar", "../../good.tar"))),
        Refused("docker layer of another digest", "the configuration says", b => Docker(b, layer: "x", files: b => b.Tar.Entry('0', "x", content: RawTar.New.File("b", "evil").Ended))),
        Refused("docker layer that is no archive", "the configuration says", b => Docker(b, layer: "x", files: b => b.File("x", "evil"))),
        Refused("docker layer that is the manifest", "has no file 'manifest.json'", b => Docker(b, layer: "manifest.json")),
        Refused("docker layer that is hostile", "holds '..'", b =>
        {
            byte[] evil = RawTar.New.File("../canary", "evil").Ended;
            b.File("c.json", Config(evil)).File("manifest.json", """[{"Config":"c.json","Layers":["x"]}]""").Tar.Entry('0', "x", content: evil);
        }),
    ];

    private static IEnumerable<HostileLayout> DockerDocuments =>
    [
        Refused("docker manifest that is an object", "not a list of images", b => b.File("manifest.json", "{}")),
        Refused("docker manifest that is cut off", "not a list of images", b => b.File("manifest.json", "[{\"Config\":\"c")),
        Refused("docker manifest of nothing", "not a list of images", b => b.File("manifest.json", "[null]")),
        Refused("docker manifest without images", "no image", b => b.File("manifest.json", "[]")),
        Refused("docker manifest of numbers", "not a list of images", b => b.File("manifest.json", """[{"Config":1,"Layers":[2]}]""")),
        Refused("docker manifest with a layer that is nothing", "not a list of images", b => b.File("manifest.json", """[{"Config":"c","Layers":[null]}]""")),
        Refused("docker manifest with a member twice", "not a list of images", b => b.File("manifest.json", """[{"Config":"c","Config":"d","Layers":[]}]""")),
        Refused("docker manifest of 100,000 levels", "not a list of images", b => b.File("manifest.json", new string('[', 100_000))),
        Refused("docker manifest of five mebibytes", "longer than", b => b.File("manifest.json", new string(' ', 5 << 20))),
        Refused("docker image with a path for a name", "invalid image reference", b => Docker(b, name: "../../etc/passwd")),
        Refused("docker image with an escape in its name", "invalid image reference", b => Docker(b, name: "a:\\u001b[31m")),
        Refused("docker configuration of the wrong types", "configuration", b => b.File("c.json", """{"architecture":1}""").File("manifest.json", """[{"Config":"c.json","Layers":[]}]""")),
        Refused("docker configuration that is huge", "longer than", b => b.File("c.json", new string(' ', 17 << 20)).File("manifest.json", """[{"Config":"c.json","Layers":[]}]""")),
        Refused("docker manifest of fewer layers than the configuration", "has 1 layers, 'manifest.json' names 0", b => Docker(b).File("manifest.json", """[{"Config":"c.json","Layers":[]}]""")),
        Refused("docker archive of before 1.10", "before version 1.10", b => b.File("repositories", """{"a":{"latest":"0"}}""")),
        Refused("no archive of images", "neither 'oci-layout' nor 'manifest.json'", b => b.Tar.Entry('0', "etc/passwd", content: "root"u8.ToArray())),
        Harmless("docker manifest beside a layout that says something else", b =>
        {
            byte[] other = RawTar.New.File("b", "other").Ended;
            b.Image((_, config) => Manifest(config, Layer));
            b.File("o.json", Config(other)).File("manifest.json", """[{"Config":"o.json","RepoTags":["evil:1"],"Layers":["o.tar"]}]""").Tar.Entry('0', "o.tar", content: other);
        }),
    ];

    /// <summary>A good archive, but for what is given.</summary>
    private static LayoutBuilder Docker(LayoutBuilder b, string config = "c.json", string layer = "good.tar", string name = Name, Action<LayoutBuilder>? files = null)
    {
        b.Tar.Entry('0', "good.tar", content: GoodLayer);
        files?.Invoke(b);
        return b.File("c.json", Config(GoodLayer)).File("manifest.json", $$"""[{"Config":"{{config}}","RepoTags":["{{name}}"],"Layers":["{{layer}}"]}]""");
    }
}

using System.Diagnostics;
using System.Text;
using System.Text.Json;
using Rundlet.Images.Archives;
using Rundlet.Images.Diffs;
using Rundlet.Images.Files;
using Rundlet.Images.References;
using Rundlet.Images.Tar;
using Rundlet.Images.Tests.Diffs;
using Rundlet.Images.Tests.Store;
using Rundlet.Images.Tests.Unpack;
using Rundlet.Linux;
using Rundlet.Linux.Mounts;
using Rundlet.Oci;
using Rundlet.Syscalls;

namespace Rundlet.Images.Tests.Archives;

/// <summary>skopeo, umoci, podman and buildah read what is saved here, and theirs is loaded here: the same digests, the same files.</summary>
public sealed class PeerArchiveTests : IDisposable
{
    private readonly string _podman = Directory.CreateTempSubdirectory("rl-").FullName; // podman takes 50 characters
    private readonly Sandbox _work;
    private readonly StoreFixture _store;

    public PeerArchiveTests()
    {
        Sandbox.SkipUnlessRoot();
        foreach (string program in (string[])["skopeo", "umoci", "podman"])
        {
            if (!File.Exists($"/usr/bin/{program}"))
                Assert.Skip($"{program} is not installed");
        }
        _work = new Sandbox();
        _store = new StoreFixture();
    }

    public void Dispose()
    {
        _store?.Dispose();
        _work?.Dispose();
        Directory.Delete(_podman, recursive: true);
    }

    [Fact]
    public void Umoci_unpacks_a_saved_image_to_the_files_that_are_here()
    {
        ImageRecord image = AddImage();
        Write("image.tar", ArchiveFormat.Oci, "rich:1");
        Skopeo("copy", $"oci-archive:{_work.Root}/image.tar", $"oci:{_work.Root}/layout:rich");
        JsonElement index = Json($"{_work.Root}/layout/index.json");
        Assert.Equal(image.Manifest.ToString(), index.GetProperty("manifests")[0].GetProperty("digest").GetString());
        Sandbox.Run("umoci", "unpack", "--image", $"{_work.Root}/layout:rich", $"{_work.Root}/bundle");
        Assert.Equal(Files(image), Listing($"{_work.Root}/bundle/rootfs"));
    }

    [Fact]
    public void Skopeo_finds_the_same_configuration_in_a_docker_archive()
    {
        ImageRecord image = AddImage();
        Write("image.tar", ArchiveFormat.Docker, "rich:1", "base");
        Skopeo("copy", $"docker-archive:{_work.Root}/image.tar:docker.io/library/rich:1", $"dir:{_work.Root}/dir");
        JsonElement manifest = Json($"{_work.Root}/dir/manifest.json");
        Assert.Equal(image.Id.ToString(), manifest.GetProperty("config").GetProperty("digest").GetString());
        Assert.Equal(_store.Images.Inspect("rich:1").Config.RootFs.DiffIds.Count, manifest.GetProperty("layers").GetArrayLength());
    }

    [Theory]
    [InlineData(ArchiveFormat.Docker, "docker-archive")]
    [InlineData(ArchiveFormat.Oci, "oci-archive")]
    public void Podman_loads_what_is_saved_and_saves_what_is_loaded(ArchiveFormat format, string name)
    {
        ImageRecord image = AddImage();
        Write("ours.tar", format, "rich:1");
        Podman("load", "-i", $"{_work.Root}/ours.tar");
        Assert.Equal($"{image.Id} docker.io/library/rich:1\n", Podman("images", "--no-trunc", "--format", "{{.ID}} {{.Repository}}:{{.Tag}}"));
        string files = Podman("image", "mount", "rich:1").Trim();
        Assert.Equal(Files(image), Listing(files));
        Podman("image", "unmount", "rich:1");
        Podman("save", "--format", name, "-o", $"{_work.Root}/theirs.tar", "rich:1");
        Podman("rmi", "rich:1");
        using StoreFixture there = new();
        using FileStream archive = File.OpenRead($"{_work.Root}/theirs.tar");
        LoadedImage loaded = Assert.Single(there.Images.Load(archive));
        Assert.Equal(("docker.io/library/rich:1", image.Id), (loaded.Name!.ToString(), loaded.Image.Id));
        Assert.Equal(image.Layers, loaded.Image.Layers);
    }

    [Fact]
    public void A_layer_of_umocis_is_loaded_with_its_files()
    {
        AddImage();
        Write("image.tar", ArchiveFormat.Oci, "rich:1");
        string layout = $"{_work.Root}/layout", bundle = $"{_work.Root}/bundle";
        Skopeo("copy", $"oci-archive:{_work.Root}/image.tar", $"oci:{layout}:rich");
        Sandbox.Run("umoci", "unpack", "--image", $"{layout}:rich", bundle);
        Directory.Delete($"{bundle}/rootfs/etc", recursive: true);
        OverlayScene.Write($"{bundle}/rootfs/etc/fresh", "in a folder made anew");
        File.Delete($"{bundle}/rootfs/run.sh");
        Sandbox.Run("umoci", "repack", "--image", $"{layout}:changed", bundle);
        Skopeo("copy", $"oci:{layout}:changed", $"oci-archive:{_work.Root}/changed.tar:example.org/changed:2");
        using FileStream archive = File.OpenRead($"{_work.Root}/changed.tar");
        LoadedImage loaded = Assert.Single(_store.Images.Load(archive));
        Assert.Equal("example.org/changed:2", loaded.Name!.ToString());
        Assert.Equal(Digest.Parse("sha256:" + Skopeo("inspect", "--format", "{{.Digest}}", $"oci:{layout}:changed").Trim()["sha256:".Length..]), loaded.Image.Manifest);
        Sandbox.Run("umoci", "unpack", "--image", $"{layout}:changed", $"{_work.Root}/again");
        // Its layers do not list a folder in which only names changed, so its time is nobody's.
        Assert.Equal(Files(loaded.Image).Select(WithoutFolderTime), Listing($"{_work.Root}/again/rootfs").Select(WithoutFolderTime));
        Assert.False(Directory.Exists($"{_work.Root}/again/rootfs/opt/gone"));
    }

    [Theory]
    [InlineData(ArchiveFormat.Docker, "docker-archive")]
    [InlineData(ArchiveFormat.Oci, "oci-archive")]
    public void Buildah_builds_on_what_is_saved_and_its_image_is_loaded(ArchiveFormat format, string name)
    {
        if (!File.Exists("/usr/bin/buildah"))
            Assert.Skip("buildah is not installed");
        ImageRecord image = AddImage();
        Write("ours.tar", format, "rich:1");
        OverlayScene.Write($"{_work.Root}/added", "by buildah");
        string working = Buildah("from", "--name", "working", $"{name}:{_work.Root}/ours.tar").Trim();
        Buildah("copy", "--chown", "7:8", working, $"{_work.Root}/added", "/etc/added");
        Buildah("config", "--cmd", "[\"/run.sh\"]", working);
        Buildah("commit", working, $"{name}:{_work.Root}/theirs.tar:example.org/built:1");
        Buildah("rm", working);
        Buildah("rmi", "--all");
        using FileStream archive = File.OpenRead($"{_work.Root}/theirs.tar");
        LoadedImage loaded = Assert.Single(_store.Images.Load(archive));
        Assert.Equal("example.org/built:1", loaded.Name!.ToString());
        Assert.Equal(image.Layers, loaded.Image.Layers.Take(2));
        Assert.Equal(["/run.sh"], _store.Images.Inspect("example.org/built:1").Config.Config!.Cmd);
        List<string> added = [.. Files(loaded.Image).Except(Files(image))];
        Assert.Contains(added, line => line.Contains("etc/added", StringComparison.Ordinal) && line.Contains("7:8", StringComparison.Ordinal));
        Assert.DoesNotContain(Files(image).Select(WithoutFolderTime).Except(Files(loaded.Image).Select(WithoutFolderTime)), _ => true);
    }

    [Fact]
    public void Files_with_holes_are_read_by_all()
    {
        using Sandbox tree = new();
        using (FileStream file = File.Create($"{tree.Root}/sparse"))
        {
            file.Position = 100 << 20;
            file.Write("data at the end of a long hole"u8);
        }
        ImageRecord image = _store.Images.Import(new MemoryStream(LayerPackerTests.Pack(tree)), ImageReference.Parse("sparse"));
        Write("image.tar", ArchiveFormat.Oci, "sparse");
        Skopeo("copy", $"oci-archive:{_work.Root}/image.tar", $"oci:{_work.Root}/layout:sparse");
        Sandbox.Run("umoci", "unpack", "--image", $"{_work.Root}/layout:sparse", $"{_work.Root}/bundle");
        Assert.Equal(Files(image), Listing($"{_work.Root}/bundle/rootfs"));
        Podman("load", "-i", $"{_work.Root}/image.tar");
        Assert.Equal(Files(image), Listing(Podman("image", "mount", "sparse").Trim()));
        Podman("image", "unmount", "sparse");
        Podman("rmi", "sparse");
    }

    /// <summary>Two layers with files of every kind, whiteouts and a folder made anew.</summary>
    private ImageRecord AddImage()
    {
        using Sandbox below = new(), above = new();
        Directory.CreateDirectory($"{below.Root}/random");
        new RandomTree(new Random(4), asUpper: false) { Plain = true }.Fill($"{below.Root}/random", 120);
        foreach (string name in (string[])["etc/conf", "etc/old", "opt/gone/file", "anew/hidden", "run.sh"])
            OverlayScene.Write($"{below.Root}/{name}", name);
        _store.Images.Import(new MemoryStream(ImageStoreTests.Pack(LayerPackerTests.Pack(below), "gzip")), ImageReference.Parse("base"), new ImportOptions { Created = Pictures.Moment });
        OverlayScene.Write($"{above.Root}/etc/conf", "changed");
        OverlayScene.Write($"{above.Root}/anew/fresh", "another folder");
        Directory.CreateDirectory($"{above.Root}/opt");
        LinuxException.ThrowIfError(Sys.mknodat(above.RootFd.Value, "etc/old", S.IFCHR, 0), "make whiteout");
        LinuxException.ThrowIfError(Sys.mknodat(above.RootFd.Value, "opt/gone", S.IFCHR, 0), "make whiteout");
        LinuxException.ThrowIfError(Sys.lsetxattr($"{above.Root}/anew", "trusted.overlay.opaque", "y"u8), "make opaque");
        return _store.Images.Commit(_store.Images.Inspect("base"), above.RootFd.Value,
            new CommitOptions { Reference = ImageReference.Parse("rich:1"), Created = Pictures.Moment, Compression = LayerCompression.Gzip });
    }

    /// <summary>The files of an image as a container would see them.</summary>
    private List<string> Files(ImageRecord image)
    {
        IReadOnlyList<Digest> layers = _store.Images.Unpack(_store.Images.Inspect(image.Id.ToString()));
        string[] folders = [.. layers.Reverse().Select(layer => $"{_store.Path}/layers/{layer.Hex}/fs")];
        if (folders.Length == 1)
            return Listing(folders[0]);
        using OwnedFd merged = new OverlayMount { Lower = folders }.Open();
        return Listing($"/proc/self/fd/{merged.Value}/.");
    }

    /// <summary>All but the time of the root itself, which others do not keep.</summary>
    private static List<string> Listing(string root)
    {
        List<string> lines = TreeListing.Of(root);
        lines[0] = lines[0][..lines[0].IndexOf(" mtime=", StringComparison.Ordinal)];
        return lines;
    }

    private static string WithoutFolderTime(string line) =>
        line.Contains(" mode=4", StringComparison.Ordinal) && line.Contains(" mtime=", StringComparison.Ordinal) ? line[..line.IndexOf(" mtime=", StringComparison.Ordinal)] : line;

    private void Write(string name, ArchiveFormat format, params string[] images) => File.WriteAllBytes($"{_work.Root}/{name}", Pictures.Save(_store, format, images));

    private static string Skopeo(params string[] words) => Sandbox.Run("skopeo", ["--insecure-policy", .. words]);

    private string Podman(params string[] words) =>
        Sandbox.Run("podman", ["--root", $"{_podman}/root", "--runroot", $"{_podman}/run", "--storage-driver", "vfs", .. words]);

    private string Buildah(params string[] words) =>
        Sandbox.Run("buildah", ["--root", $"{_podman}/root", "--runroot", $"{_podman}/run", "--storage-driver", "vfs", .. words]);

    private static JsonElement Json(string path) => JsonDocument.Parse(File.ReadAllText(path)).RootElement;
}

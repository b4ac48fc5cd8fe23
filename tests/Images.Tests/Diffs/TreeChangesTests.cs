using System.Text;
using Rundlet.Images.Diffs;
using Rundlet.Images.Files;
using Rundlet.Images.Tests.Unpack;
using Rundlet.Images.Unpack;
using Rundlet.Linux;
using Rundlet.Syscalls;

namespace Rundlet.Images.Tests.Diffs;

public class TreeChangesTests
{
    public TreeChangesTests() => Sandbox.SkipUnlessRoot();

    [Fact]
    public void Changes_are_those_that_docker_lists()
    {
        using OverlayScene scene = Scene();
        Change(scene.View);
        Assert.Equal(
        [
            "C /etc", "C /etc/changed", "D /etc/gone", "A /etc/new", "A /etc/twin",
            "C /grown", "D /opt",
            "C /remade", "A /remade/fresh", "C /remade/kept", "D /remade/old",
            "C /restricted",
            "C /turned", "A /turned/inside",
            "A /var", "A /var/lib", "A /var/lib/x",
        ], List(scene));
    }

    [Fact]
    public void What_only_holds_mounts_is_no_change()
    {
        using OverlayScene scene = Scene();
        OverlayScene.Write($"{scene.View}/etc/hosts", "");
        File.WriteAllBytes($"{scene.View}/etc/hosts", []);
        File.WriteAllBytes($"{scene.View}/etc/hostname", [1]);
        Directory.CreateDirectory($"{scene.View}/dev");
        Directory.CreateDirectory($"{scene.View}/a/b/c");
        Directory.CreateDirectory($"{scene.View}/a/b/d");
        Directory.CreateDirectory($"{scene.View}/full");
        File.WriteAllText($"{scene.View}/full/x", "");
        File.WriteAllBytes($"{scene.View}/etc/changed", []); // was there before
        string[] mounts = ["/etc/hosts", "/etc/hostname", "/dev", "/dev/pts", "/a/b/c", "/a/b/d/", "/full", "/etc/changed", "/", "/../x", "/none"];
        Assert.Equal(["C /etc", "C /etc/changed", "A /etc/hostname", "A /full", "A /full/x"], List(scene, mounts));
        using OwnedFd upper = scene.OpenUpper(), lower = scene.OpenLower();
        var archive = new MemoryStream();
        LayerPacker.Pack(upper.Value, archive, new PackOptions { Form = TreeForm.OverlayUpper, LeftOut = MountStubs.Find(upper.Value, lower.Value, mounts) });
        IEnumerable<string> names = Tar.TarReaderTests.ReadAll(archive.ToArray()).Select(read => Encoding.UTF8.GetString(read.Entry.Name));
        Assert.Equal(["./", "etc/", "etc/changed", "etc/hostname", "full/", "full/x"], names.Where(name => !name.EndsWith(".wh..wh..opq", StringComparison.Ordinal)));
    }

    [Fact]
    public void A_container_that_did_nothing_has_no_changes()
    {
        using OverlayScene scene = Scene();
        _ = scene.View;
        Assert.Empty(List(scene));
        File.AppendAllText($"{scene.View}/etc/changed", ""); // copied up, and not changed
        Assert.Empty(List(scene));
    }

    [Fact]
    public void A_packed_upper_folder_on_top_of_the_layers_is_what_the_container_saw()
    {
        using OverlayScene scene = Scene();
        using Sandbox layer = new();
        Change(scene.View);
        using (OwnedFd upper = scene.OpenUpper())
        {
            var archive = new MemoryStream();
            LayerPacker.Pack(upper.Value, archive, new PackOptions { Form = TreeForm.OverlayUpper });
            archive.Position = 0;
            LayerUnpacker.Unpack(archive, layer.RootFd.Value);
        }
        List<string> seen = TreeListing.Of($"{scene.View}/.");
        using OwnedFd merged = scene.OpenWith(layer.Root);
        Assert.Equal(seen, TreeListing.Of($"/proc/self/fd/{merged.Value}/."));
        Assert.Contains(seen, line => line.StartsWith("/etc/twin same as /etc/changed", StringComparison.Ordinal));
    }

    private static List<string> List(OverlayScene scene, string[]? mounts = null)
    {
        using OwnedFd upper = scene.OpenUpper(), lower = scene.OpenLower();
        MountStubs? stubs = mounts is null ? null : MountStubs.Find(upper.Value, lower.Value, mounts);
        return [.. TreeChanges.Find(upper.Value, lower.Value, stubs).Select(change => $"{change.Kind.ToString()[0]} {Encoding.UTF8.GetString(change.Path)}")];
    }

    private static OverlayScene Scene()
    {
        var scene = new OverlayScene();
        foreach (string name in (string[])["etc/changed", "etc/gone", "etc/untouched", "grown", "opt/a/b", "remade/old", "remade/kept", "turned"])
            OverlayScene.Write($"{scene.Bottom}/{name}", name);
        Directory.CreateDirectory($"{scene.Top}/etc");
        OverlayScene.Write($"{scene.Bottom}/var/hidden", "by a whiteout above");
        LinuxException.ThrowIfError(Sys.mknodat(Sys.AT_FDCWD, $"{scene.Top}/var", S.IFCHR, 0), "make whiteout");
        Directory.CreateDirectory($"{scene.Top}/restricted");
        return scene;
    }

    private static void Change(string view)
    {
        File.WriteAllText($"{view}/etc/changed", "something else");
        LinuxException.ThrowIfError(Sys.linkat(Sys.AT_FDCWD, $"{view}/etc/changed", Sys.AT_FDCWD, $"{view}/etc/twin", 0), "link");
        File.WriteAllText($"{view}/etc/new", "");
        File.Delete($"{view}/etc/gone");
        File.AppendAllText($"{view}/grown", "more");
        Directory.Delete($"{view}/opt", recursive: true);
        Directory.Delete($"{view}/remade", recursive: true);
        OverlayScene.Write($"{view}/remade/kept", "but another");
        OverlayScene.Write($"{view}/remade/fresh", "");
        File.SetUnixFileMode($"{view}/restricted", UnixFileMode.UserRead);
        File.Delete($"{view}/turned");
        OverlayScene.Write($"{view}/turned/inside", "a folder now");
        OverlayScene.Write($"{view}/var/lib/x", "");
    }
}

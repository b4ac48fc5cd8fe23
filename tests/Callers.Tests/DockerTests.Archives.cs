using Rundlet.Runcs.Tests;

namespace Rundlet.Callers.Tests;

public sealed partial class DockerTests
{
    [Fact]
    public void An_image_that_rundlet_saves_is_the_same_in_docker_and_comes_back_the_same()
    {
        var images = new ImageStore(_docker.Home);
        string folder = _docker.Home.Folder;
        images.Run("import", "--change", "CMD cat /etc/group", images.WriteRootfs(), "localhost/ours:1");
        images.Run("save", "--output", $"{folder}/ours.tar", "localhost/ours:1");
        Assert.Contains("Loaded image: localhost/ours:1", _docker.Docker("load", "--input", $"{folder}/ours.tar").Good().Output, StringComparison.Ordinal);
        string identity = images.IdentityOf("localhost/ours:1");
        Assert.Equal(identity, IdentityOf("localhost/ours:1"));
        Assert.Contains("extra:x:2000:user", _docker.Run("localhost/ours:1").Good().Output, StringComparison.Ordinal);
        _docker.Docker("save", "--output", $"{folder}/theirs.tar", "localhost/ours:1").Good();
        images.Run("rmi", "localhost/ours:1");
        images.Run("load", "--input", $"{folder}/theirs.tar");
        Assert.Equal(identity, images.IdentityOf("localhost/ours:1"));
        _docker.Docker("rmi", "localhost/ours:1").Good();
    }

    [Fact]
    public void An_image_that_docker_saves_is_the_same_here_and_goes_back_the_same()
    {
        var images = new ImageStore(_docker.Home);
        string folder = _docker.Home.Folder, id = Detached(TestImage.Name, "sh", "-c", "echo second >/second; rm -r /root; exec sleep 1000");
        while (!_docker.Docker("diff", id).Good().Output.Contains("D /root", StringComparison.Ordinal))
        {
        }
        _docker.Docker("commit", "--change", "CMD cat /second", id, "localhost/theirs:2").Good();
        Remove(id);
        string identity = IdentityOf("localhost/theirs:2");
        _docker.Docker("save", "--output", $"{folder}/theirs-2.tar", "localhost/theirs:2", TestImage.Name).Good();
        string loaded = images.Run("load", "--input", $"{folder}/theirs-2.tar").Output;
        Assert.Contains("localhost/theirs:2", loaded, StringComparison.Ordinal);
        Assert.Contains(TestImage.Name, loaded, StringComparison.Ordinal);
        Assert.Equal(identity, images.IdentityOf("localhost/theirs:2"));
        images.Run("save", "--output", $"{folder}/back.tar", "localhost/theirs:2");
        _docker.Docker("rmi", "localhost/theirs:2").Good();
        _docker.Docker("load", "--input", $"{folder}/back.tar").Good();
        Assert.Equal(identity, IdentityOf("localhost/theirs:2"));
        Assert.Equal("second\n", _docker.Run("localhost/theirs:2").Good().Output);
        Assert.NotEqual(0, _docker.Run("localhost/theirs:2", "ls", "/root").Status); // the whiteout made it both ways
        _docker.Docker("rmi", "localhost/theirs:2").Good();
    }

    [Fact]
    public void A_layout_with_names_for_docker_is_loaded_by_docker_too()
    {
        var images = new ImageStore(_docker.Home);
        string folder = _docker.Home.Folder;
        images.Run("import", images.WriteRootfs(), "localhost/layout:1");
        images.Run("save", "--format", "oci-archive", "--output", $"{folder}/layout.tar", "localhost/layout:1");
        _docker.Docker("load", "--input", $"{folder}/layout.tar").Good();
        Assert.Equal(images.IdentityOf("localhost/layout:1"), IdentityOf("localhost/layout:1"));
        _docker.Docker("rmi", "localhost/layout:1").Good();
    }

    private string IdentityOf(string image) => ImageStore.IdentityIn(_docker.Docker("image", "inspect", image).Good().Output);
}

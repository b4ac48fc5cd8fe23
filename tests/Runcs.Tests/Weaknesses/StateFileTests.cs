namespace Rundlet.Runcs.Tests.Weaknesses;

/// <summary>State folders and files that other users may enter, read or write (CVE-2021-41103, CVE-2021-41091, CVE-2024-25621).</summary>
public sealed class StateFileTests : ContainerTest
{
    [Theory]
    [InlineData("0000")]
    [InlineData("0777")]
    public void Nobody_else_enters_the_state_of_a_container_whatever_the_umask(string umask)
    {
        TestContainer container = Container().Script("exec sleep 1000");
        container.Save();
        using (BoundedProcess create = BoundedProcess.Start($"{Scratch}/create",
            ["/bin/sh", "-c", "umask $1; shift; exec \"$@\"", "sh", umask, RuntimeProgram.Path, "--root", container.StateRoot, "create", "--pid-file", $"{Scratch}/pid", "-b", container.Bundle, container.Id]))
            create.Wait().Good();
        const UnixFileMode Others = UnixFileMode.OtherRead | UnixFileMode.OtherWrite | UnixFileMode.OtherExecute;
        const UnixFileMode GroupAndOthersWrite = UnixFileMode.GroupWrite | UnixFileMode.OtherWrite;
        Assert.Equal((UnixFileMode)0, File.GetUnixFileMode($"{container.StateRoot}/{container.Id}") & Others);
        foreach (string file in Directory.GetFileSystemEntries($"{container.StateRoot}/{container.Id}"))
            Assert.True((File.GetUnixFileMode(file) & GroupAndOthersWrite) == 0, $"{file}: {File.GetUnixFileMode(file)}");
        Assert.Equal((UnixFileMode)0, File.GetUnixFileMode($"{Scratch}/pid") & GroupAndOthersWrite);
    }

    [Fact]
    public void The_umask_of_the_caller_does_not_reach_the_container()
    {
        TestContainer container = Container().Script("umask; stat -c %a /srv; touch /tmp/file; stat -c %a /tmp/file");
        container.Process["cwd"] = "/srv/made";
        container.Save();
        using BoundedProcess run = BoundedProcess.Start($"{Scratch}/run",
            ["/bin/sh", "-c", "umask 0000; exec \"$@\"", "sh", RuntimeProgram.Path, "--root", container.StateRoot, "run", "-b", container.Bundle, container.Id]);
        Assert.Equal(["0022", "755", "644"], run.Wait().Good().Lines);
    }

    [Fact]
    public void A_link_in_place_of_the_state_is_not_followed()
    {
        RuntimeProgram.SkipUnlessOurs();
        string outside = Directory.CreateDirectory($"{Scratch}/outside").FullName;
        File.WriteAllText($"{outside}/state.json", "{}");
        TestContainer container = Container();
        Directory.CreateDirectory(container.StateRoot);
        File.CreateSymbolicLink($"{container.StateRoot}/{container.Id}", outside);
        Assert.NotEqual(0, container.Create().Status);
        _ = container.Runtime("delete", "--force", container.Id); // whatever it answers
        Assert.Equal([$"{outside}/state.json"], Directory.GetFileSystemEntries(outside));
        File.Delete($"{container.StateRoot}/{container.Id}");
    }
}

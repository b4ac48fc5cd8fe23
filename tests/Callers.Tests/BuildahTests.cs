using Rundlet.Runcs.Tests;

namespace Rundlet.Callers.Tests;

/// <summary>What people do with buildah.</summary>
public sealed class BuildahTests : IDisposable
{
    private readonly CallerHome _home;
    private readonly string[] _buildah;

    public BuildahTests()
    {
        RuntimeProgram.SkipUnlessPossible();
        string buildah = InstalledProgram.Require("buildah", "buildah");
        _home = new CallerHome();
        string folder = _home.Folder;
        File.WriteAllText($"{folder}/storage.conf", $"[storage]\ndriver = \"overlay\"\ngraphroot = \"{folder}/root\"\nrunroot = \"{folder}/runroot\"\n");
        File.WriteAllText($"{folder}/containers.conf", "");
        _buildah =
        [
            "env", $"CONTAINERS_CONF={folder}/containers.conf", $"CONTAINERS_STORAGE_CONF={folder}/storage.conf", $"TMPDIR={folder}", "BUILDAH_ISOLATION=oci",
            buildah, "--root", $"{folder}/root", "--runroot", $"{folder}/runroot", "--storage-driver", "overlay",
        ];
    }

    [Fact]
    public void Steps_of_a_containerfile_run()
    {
        Finished built = Build("""
            FROM scratch
            ADD rootfs.tar /
            ENV A=b
            RUN echo built-$A >/made && id -u
            RUN ["/bin/sh", "-c", "cat /made && echo second"]
            USER 1000:1000
            WORKDIR /new/folder
            RUN echo "I am $(id -u) in $(pwd)"
            """);
        Assert.Equal(0, built.Good().Status);
        Assert.Contains("built-b\nsecond\n", built.Output, StringComparison.Ordinal);
        Assert.Contains("I am 1000 in /new/folder\n", built.Output, StringComparison.Ordinal);
    }

    [Fact]
    public void A_step_that_fails_fails_the_build()
    {
        Finished built = Build("FROM scratch\nADD rootfs.tar /\nRUN exit 7\n");
        Assert.NotEqual(0, built.Status);
        Assert.Contains("exit status 7", built.Error, StringComparison.Ordinal);
    }

    [Fact]
    public void A_process_runs_in_a_working_container()
    {
        Build("FROM scratch\nADD rootfs.tar /\n").Good();
        string container = _home.Run([.. _buildah, "from", "--pull=never", "localhost/built"]).Good().Output.Trim();
        string[] run = [.. _buildah, "run", "--runtime", RuntimeProgram.Path, "--network", "none"];
        Finished plain = _home.Run([.. run, "--cap-drop", "all", container, "--", "sh", "-c", "echo out; grep CapEff /proc/self/status; exit 4"]);
        Assert.Equal(4, plain.Status);
        Assert.Equal(["out", "CapEff:\t0000000000000000"], plain.Lines);
        Finished terminal = _home.RunUnderTerminal([.. run, "--tty", container, "--", "sh", "-c", "tty; until stty size 2>/dev/null | grep '33 77'; do :; done"]);
        Assert.Contains("/dev/pts/0", terminal.Good().Output, StringComparison.Ordinal);
        Assert.Contains("33 77", terminal.Output, StringComparison.Ordinal);
        Finished mounted = _home.Run([.. run, "--volume", $"{_home.Folder}/context:/context:ro", container, "--", "ls", "/context"]);
        Assert.Contains("Containerfile", mounted.Good().Output, StringComparison.Ordinal);
    }

    public void Dispose()
    {
        _home.Run([.. _buildah, "rm", "--all"]).Good();
        _home.Run([.. _buildah, "rmi", "--all", "--force"]).Good();
        _home.Dispose();
    }

    private Finished Build(string containerfile)
    {
        string context = Directory.CreateDirectory($"{_home.Folder}/context").FullName;
        File.Move(TestImage.WriteRootfs(_home.Folder), $"{context}/rootfs.tar");
        File.WriteAllText($"{context}/Containerfile", containerfile);
        return _home.Run([.. _buildah, "build", "--runtime", RuntimeProgram.Path, "--network", "none", "--cgroup-parent", _home.CgroupParent, "--tag", "built", context]);
    }
}

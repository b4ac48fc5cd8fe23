using Rundlet.Runcs.Tests;

namespace Rundlet.Callers.Tests;

/// <summary>podman of a user who is not root and has no ids beside the own one.</summary>
public sealed class RootlessPodmanTests : IDisposable
{
    private const string User = "nobody";
    private readonly CallerHome _home;
    private readonly string _own;
    private readonly string[] _podman;

    public RootlessPodmanTests()
    {
        RuntimeProgram.SkipUnlessPossible();
        string podman = InstalledProgram.Require("podman", "podman");
        _home = new CallerHome();
        string folder = _home.Folder;
        _own = Directory.CreateDirectory($"{folder}/own").FullName;
        string runtime = $"{folder}/{PodmanHome.RuntimeName}"; // the checkout may be closed to others
        TestRootfs.CopyProgram(RuntimeProgram.Path, runtime);
        File.WriteAllText($"{folder}/storage.conf", $"[storage]\ndriver = \"vfs\"\ngraphroot = \"{_own}/root\"\nrunroot = \"{_own}/runroot\"\n[storage.options]\nignore_chown_errors = \"true\"\n");
        File.WriteAllText($"{folder}/containers.conf", $"""
            [engine]
            runtime = "{PodmanHome.RuntimeName}"
            runtime_supports_json = ["{PodmanHome.RuntimeName}"]
            events_logger = "file"
            lock_type = "file"
            cgroup_manager = "cgroupfs"
            [engine.runtimes]
            "{PodmanHome.RuntimeName}" = ["{runtime}"]
            [containers]
            netns = "host"
            log_driver = "k8s-file"

            """);
        _home.Run("chown", $"{User}:", _own).Good();
        _podman =
        [
            "setpriv", $"--reuid={User}", "--regid=nogroup", "--init-groups", "--inh-caps=-all", "--bounding-set=-all",
            "env", "-i", "--chdir", _own, "PATH=/usr/sbin:/usr/bin:/sbin:/bin", $"HOME={_own}", $"XDG_RUNTIME_DIR={_own}", $"TMPDIR={_own}",
            $"CONTAINERS_CONF={folder}/containers.conf", $"CONTAINERS_STORAGE_CONF={folder}/storage.conf", podman,
        ];
        Podman("load", "--quiet", "--input", TestImage.WriteArchive(folder)).Good();
    }

    [Fact]
    public void Containers_run_are_entered_and_end()
    {
        Finished run = Podman("run", "--rm", TestImage.Name, "sh", "-c", "id -u; tr -s ' ' </proc/self/uid_map; touch /tmp/x && echo wrote; exit 7");
        Assert.Equal(7, run.Status);
        Assert.Equal(["0", "wrote"], run.Lines.Where(line => line is "0" or "wrote"));
        string id = Podman("run", "--detach", TestImage.Name, "sh", "-c", "trap 'exit 5' TERM; while :; do sleep 0.1; done").Good().Output.Trim();
        Assert.Equal("0\n", Podman("exec", id, "id", "-u").Good().Output);
        Assert.Contains("sh -c", Podman("top", id).Good().Output, StringComparison.Ordinal);
        Podman("stop", "--time", "30", id).Good();
        Assert.Equal("5\n", Podman("inspect", "--format", "{{.State.ExitCode}}", id).Good().Output);
        Podman("rm", id).Good();
    }

    // podman mounts the container's cgroup then, which this user may have none of.
    [Fact]
    public void A_container_with_a_network_namespace_of_its_own_runs() =>
        Assert.Equal("lo\n", Podman("run", "--rm", "--network", "none", TestImage.Name, "sh", "-c", "ls /sys/fs/cgroup >/dev/null && ls /sys/class/net").Good().Output);

    public void Dispose()
    {
        Podman("rm", "--all", "--force", "--time", "0");
        // What keeps podman's user namespace says its number here.
        foreach (string file in Directory.EnumerateFiles(_own, "pause.pid", SearchOption.AllDirectories))
            _home.Run("kill", File.ReadAllText(file).Trim()).Good();
        _home.Dispose();
    }

    private Finished Podman(params string[] words) => _home.Run([.. _podman, .. words]);
}

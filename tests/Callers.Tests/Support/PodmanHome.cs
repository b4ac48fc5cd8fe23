using Rundlet.Runcs.Tests;

namespace Rundlet.Callers.Tests;

/// <summary>A podman with storage, state and configuration of its own, and the runtime under test.</summary>
public sealed class PodmanHome : IDisposable
{
    // podman asks for the highest limits there are; peers fail where the caller may not raise its own.
    private const string PeersLimits = """default_ulimits = ["nofile=1024:1024", "nproc=1024:1024"]""";

    private CallerHome? _home;
    private string[] _prefix = [];

    internal CallerHome Home => _home ?? throw new InvalidOperationException("podman was not prepared");

    /// <summary>The name that its configuration gives the runtime.</summary>
    internal static string RuntimeName => Path.GetFileName(RuntimeProgram.Path);

    /// <summary>Makes it, before the first test that can run.</summary>
    internal void Prepare()
    {
        RuntimeProgram.SkipUnlessPossible();
        string podman = InstalledProgram.Require("podman", "podman");
        if (_home is not null)
            return;
        _home = new CallerHome { ContainerCgroups = "libpod-" };
        string folder = Home.Folder;
        File.WriteAllText($"{folder}/containers.conf", Configuration(folder));
        File.WriteAllText($"{folder}/storage.conf", $"[storage]\ndriver = \"overlay\"\ngraphroot = \"{folder}/root\"\nrunroot = \"{folder}/runroot\"\n");
        _prefix =
        [
            "env", $"CONTAINERS_CONF={folder}/containers.conf", $"CONTAINERS_STORAGE_CONF={folder}/storage.conf", $"TMPDIR={folder}",
            podman, "--root", $"{folder}/root", "--runroot", $"{folder}/runroot", "--tmpdir", $"{folder}/tmp", "--cgroup-manager", "cgroupfs", "--hooks-dir", Directory.CreateDirectory($"{folder}/hooks").FullName,
        ];
        Podman("load", "--quiet", "--input", TestImage.WriteArchive(folder)).Good();
    }

    /// <summary>Its command line with the runtime's name.</summary>
    internal string[] Command(params string[] words) => [.. _prefix, "--runtime", RuntimeName, .. words];

    internal Finished Podman(params string[] words) => Home.Run(Command(words));

    /// <summary>`podman run` in the cgroup of the test, with a name that nobody else has.</summary>
    internal string[] RunCommand(params string[] words) => Command(["run", "--cgroup-parent", Home.CgroupParent, .. words]);

    /// <summary>A container that goes when it ends.</summary>
    internal Finished Run(params string[] words) => Home.Run(RunCommand(["--rm", .. words]));

    /// <summary>With the runtime's path in place of its name, for which podman's configuration has no entry.</summary>
    internal Finished PodmanByPath(params string[] words) => Home.Run([.. _prefix, "--runtime", RuntimeProgram.Path, .. words]);

    public void Dispose()
    {
        if (_home is null)
            return;
        Podman("pod", "rm", "--all", "--force", "--time", "0").Good();
        Podman("rm", "--all", "--force", "--time", "0").Good();
        Podman("rmi", "--all", "--force").Good();
        _home.Dispose();
    }

    // Locks in a file: the default is a segment of shared memory that belongs to the whole host.
    private static string Configuration(string folder) => $"""
        [engine]
        runtime = "{RuntimeName}"
        runtime_supports_json = ["{RuntimeName}"]
        runtime_supports_nocgroup = ["{RuntimeName}"]
        events_logger = "file"
        lock_type = "file"
        volume_path = "{folder}/volumes"
        [engine.runtimes]
        "{RuntimeName}" = ["{RuntimeProgram.Path}"]
        [containers]
        netns = "none"
        log_driver = "k8s-file"
        {(RuntimeProgram.IsOurs ? "" : PeersLimits)}
        [network]
        network_config_dir = "{folder}/networks"

        """;
}

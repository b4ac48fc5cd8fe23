using Rundlet.Runcs.Tests;

namespace Rundlet.Callers.Tests;

/// <summary>A dockerd of its own with the runtime under test as its default, and `docker` to talk to it.</summary>
public sealed class DockerHome : IDisposable
{
    private const string RuntimeName = "under-test";
    private CallerHome? _home;
    private PrivateHost? _host;
    private string[] _docker = [];

    internal CallerHome Home => _home ?? throw new InvalidOperationException("dockerd was not prepared");

    private PrivateHost Host => _host ?? throw new InvalidOperationException("dockerd was not prepared");

    /// <summary>Starts it, before the first test that can run.</summary>
    internal void Prepare()
    {
        RuntimeProgram.SkipUnlessPossible();
        string dockerd = InstalledProgram.Require("dockerd", "docker.io");
        string docker = InstalledProgram.Require("docker", "docker.io");
        if (_home is not null)
            return;
        _home = new CallerHome();
        _host = new PrivateHost(Home);
        string folder = Home.Folder;
        File.WriteAllText($"{folder}/daemon.json", "{}");
        _docker = ["env", $"DOCKER_CONFIG={folder}/client", docker, "--host", $"unix://{folder}/docker.sock"];
        Host.StartDaemon(
            [
                dockerd, "--config-file", $"{folder}/daemon.json", "--data-root", $"{folder}/data", "--exec-root", $"{folder}/exec", "--pidfile", $"{folder}/pid",
                "--host", $"unix://{folder}/docker.sock", "--bridge", "none", "--iptables=false", "--ip6tables=false", "--ip-forward=false", "--userland-proxy=false",
                "--storage-driver", "overlay2", "--cgroup-parent", Home.CgroupParent, "--exec-opt", "native.cgroupdriver=cgroupfs",
                "--add-runtime", $"{RuntimeName}={RuntimeProgram.Path}", "--default-runtime", RuntimeName,
            ],
            [.. _docker, "version"]);
        Docker("load", "--input", TestImage.WriteArchive(folder)).Good();
    }

    internal string[] Command(params string[] words) => Host.Command([.. _docker, .. words]);

    internal Finished Docker(params string[] words) => Home.Run(Command(words));

    /// <summary>A container that goes when it ends.</summary>
    internal Finished Run(params string[] words) => Docker(["run", "--rm", "--network", "none", .. words]);

    public void Dispose()
    {
        if (_home is null || _host is null)
            return;
        string[] left = Docker("ps", "--all", "--quiet").Lines;
        if (left.Length > 0)
            Docker(["rm", "--force", .. left]).Good();
        _host.Dispose();
        _home.Dispose();
    }
}

using System.Globalization;
using Rundlet.Runcs.Tests;

namespace Rundlet.Callers.Tests;

/// <summary>A containerd of its own, and `ctr` to talk to it.</summary>
public sealed class ContainerdHome : IDisposable
{
    private CallerHome? _home;
    private PrivateHost? _host;

    internal CallerHome Home => _home ?? throw new InvalidOperationException("containerd was not prepared");

    private PrivateHost Host => _host ?? throw new InvalidOperationException("containerd was not prepared");

    /// <summary>The namespace of its containers, which is also the name of their cgroups' parent.</summary>
    internal string Namespace => Home.CgroupParent[1..];

    /// <summary>Starts it, before the first test that can run.</summary>
    internal void Prepare()
    {
        RuntimeProgram.SkipUnlessPossible();
        string containerd = InstalledProgram.Require("containerd", "containerd");
        if (_home is not null)
            return;
        _home = new CallerHome();
        _host = new PrivateHost(Home);
        string folder = Home.Folder;
        File.WriteAllText($"{folder}/config.toml", Configuration(folder));
        Host.StartDaemon([containerd, "--config", $"{folder}/config.toml"], Words("version"));
        Ctr("image", "import", TestImage.WriteArchive(folder)).Good();
    }

    internal Finished Ctr(params string[] words) => Home.Run(Command(words));

    /// <summary>The command line of `ctr` where the daemon is: they share named pipes in /run.</summary>
    internal string[] Command(params string[] words) => Host.Command(Words(words));

    /// <summary>`ctr run` with the runtime under test.</summary>
    internal string[] RunCommand(params string[] words) => Command(["run", "--runc-binary", RuntimeProgram.Path, "--runc-root", $"{Home.Folder}/runc", .. words]);

    /// <summary>A container that goes when it ends.</summary>
    internal Finished Run(string id, params string[] words) => Home.Run(RunCommand(["--rm", TestImage.Name, id, .. words]));

    /// <summary>Another program where the daemon is.</summary>
    internal Finished RunBeside(params string[] words) => Home.Run(Host.Command(words));

    public void Dispose()
    {
        if (_home is null || _host is null)
            return;
        foreach (string id in Ctr("task", "ls", "--quiet").Lines) // of tests that have failed
            Ctr("task", "delete", "--force", id);
        _host.Dispose();
        _home.Dispose();
    }

    private string[] Words(params string[] words) => ["ctr", "--address", $"{Home.Folder}/containerd.sock", "--namespace", Namespace, .. words];

    private static string Configuration(string folder) => string.Create(CultureInfo.InvariantCulture, $"""
        version = 2
        root = "{folder}/containerd"
        state = "{folder}/state"
        disabled_plugins = ["io.containerd.grpc.v1.cri", "io.containerd.snapshotter.v1.aufs", "io.containerd.snapshotter.v1.btrfs", "io.containerd.snapshotter.v1.zfs", "io.containerd.snapshotter.v1.devmapper"]
        [grpc]
        address = "{folder}/containerd.sock"
        [ttrpc]
        address = "{folder}/containerd.sock.ttrpc"

        """);
}

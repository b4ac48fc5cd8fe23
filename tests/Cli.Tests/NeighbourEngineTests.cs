using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using Rundlet.Linux;
using Rundlet.Linux.Netlink;
using Rundlet.Linux.Netlink.Route;
using Rundlet.Network.Firewall;
using Rundlet.Syscalls;

namespace Rundlet.Cli.Tests;

/// <summary>docker, and podman with netavark, on the same host: a network namespace in which all three make their bridges and rules.</summary>
public sealed class NeighbourEngineTests : IDisposable
{
    private const int Loopback = 1, StopMs = 60_000;
    private const string Netavark = "/usr/lib/podman/netavark";

    private readonly Machine _machine = new();
    private readonly OwnedFd _host;
    private readonly OutsideHost _outside;
    private Process? _keeper, _daemon;

    public NeighbourEngineTests()
    {
        _host = NetworkNamespace.Create();
        _outside = NetworkNamespace.Run(_host, () =>
        {
            using RouteSocket routes = RouteSocket.Open();
            NetlinkBatch batch = new();
            RouteSocket.SetUp(batch, Loopback, "lo");
            routes.Execute(batch);
            File.WriteAllText("/proc/sys/net/ipv4/ip_forward", "0"); // who turns it on, as dockerd does, drops what others forward
            return new OutsideHost();
        });
    }

    public void Dispose()
    {
        if (_keeper is not null)
        {
            Run(Podman("rm", "-f", "-a", "-t", "0"));
            Run(Docker("rm", "-f", "theirs"));
            if (_daemon is not null)
            {
                Sys.kill(_daemon.Id, SIG.TERM);
                Assert.True(_daemon.WaitForExit(StopMs), "dockerd does not end");
                _daemon.Dispose();
            }
            _keeper.Kill();
            _keeper.WaitForExit();
            _keeper.Dispose();
        }
        NetworkNamespace.Run(_host, _machine.Dispose);
        _outside.Dispose();
        _host.Dispose();
    }

    [Fact]
    public void Containers_of_docker_podman_and_ours_reach_the_world_and_are_reached_by_published_ports()
    {
        SkipUnlessTheyWork();
        string archive = $"{_machine.Folder}/root.tar";
        KeepMounts();
        StartDocker();
        Must(Docker("import", archive, "shell"));
        Must(Docker("run", "-d", "--name", "theirs", "-p", "18081:80", "shell", "sleep", "1000"));
        Must(Podman("import", archive, "shell"));
        Must(Podman("network", "create", "back"));
        Must(Podman("run", "-d", "--name", "theirs", "--network", "back", "-p", "18082:80", "shell", "sleep", "1000"));
        Must(Rundlet("network", "create", "--subnet", "10.253.0.0/24", "front"));
        Must(Rundlet("run", "-d", "--name", "ours", "--network", "front", "-p", "18083:80", "shell", "sleep", "1000"));
        Must(Rundlet("run", "-d", "--name", "neighbour", "--network", "front", "shell", "sleep", "1000"));

        // docker drops all that it does not know, and says so in a table that is not ours.
        string diagnosis = Run(Rundlet("network", "diagnose", "ours")).Output;
        Assert.Contains("note    forward: 'filter/FORWARD' drops forwarded packets", diagnosis);
        string rule = $"iptables -I DOCKER-USER -m mark --mark 0x{FirewallTable.AcceptedMark:x}/0x{FirewallTable.AcceptedMark:x} -j ACCEPT";
        Assert.Contains(rule, diagnosis);
        Must(rule.Split(' '));

        string[] inspect = ["inspect", "-f", "{{.State.Pid}}"];
        using OwnedFd dockers = Inside(Docker([.. inspect, "theirs"])), podmans = Inside(Podman([.. inspect, "theirs"])), ours = Inside(Rundlet([.. inspect, "ours"])), neighbour = Inside(Rundlet([.. inspect, "neighbour"]));
        foreach ((OwnedFd inside, int port) in ((OwnedFd, int)[])[(dockers, 18081), (podmans, 18082), (ours, 18083)])
        {
            Assert.Equal(_outside.Here.ToString(), _outside.Seen(_outside.There, () => Open(inside)));
            using Socket listener = Open(inside);
            listener.Bind(new IPEndPoint(IPAddress.Any, 80));
            listener.Listen();
            Assert.NotEmpty(Seen(listener, _host, port));
            if (inside == podmans)
                continue; // from elsewhere docker's chain drops what comes to it, as netavark has no rule there
            Assert.Equal(_outside.There.ToString(), Seen(listener, _outside.Namespace, port));
            foreach (OwnedFd client in inside == ours ? (OwnedFd[])[dockers, podmans, ours, neighbour] : [ours, neighbour])
                Assert.NotEmpty(Seen(listener, client, port));
        }
        // On one bridge, which br_netfilter shows to docker's chain as well.
        using (Socket listener = Open(ours))
        using (Socket client = Open(neighbour))
        {
            IPAddress address = IPAddress.Parse(Must(Rundlet("inspect", "-f", "{{.NetworkSettings.Networks.front.IPAddress}}", "ours")).Trim());
            listener.Bind(new IPEndPoint(address, 81));
            listener.Listen();
            Assert.NotEmpty(OutsideHost.Seen(listener, client, address, 81));
        }
        Must(Docker("rm", "-f", "theirs"));
        Must(Podman("rm", "-f", "-t", "0", "theirs"));
        Must(Podman("network", "rm", "back"));
    }

    private string Seen(Socket listener, OwnedFd from, int port)
    {
        using Socket client = Open(from);
        return OutsideHost.Seen(listener, client, _outside.Here, port);
    }

    private static Socket Open(OwnedFd at) => NetworkNamespace.Run(at, () => new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp));

    private OwnedFd Inside(string[] inspect) => FileIo.Open(Sys.AT_FDCWD, $"/proc/{Must(inspect).Trim()}/ns/net", O.RDONLY);

    private void SkipUnlessTheyWork()
    {
        if (!File.Exists("/sys/fs/cgroup/cgroup.controllers"))
            Assert.Skip("needs cgroup v2 alone, which docker and crun want");
        if (!File.Exists("/usr/sbin/dockerd"))
            Assert.Skip("docker.io is not installed");
        if (!File.Exists("/usr/bin/podman") || !File.Exists(Netavark))
            Assert.Skip("podman or netavark is not installed");
        if (Run(["iptables", "-t", "nat", "-S"]).Code != 0)
            Assert.Skip("iptables does not work on this kernel");
    }

    // Both leave mounts over their folders: a mount namespace that ends with the test has them.
    private void KeepMounts()
    {
        _keeper = NetworkNamespace.Run(_host, () => Process.Start("unshare", ["--mount", "--propagation", "private", "sleep", "infinity"]));
        LifeTests.Until(() => File.ReadAllText($"/proc/{_keeper.Id}/comm") == "sleep\n", _machine.Folder);
    }

    private string[] WithMounts(params string[] command) => ["nsenter", $"--mount=/proc/{_keeper!.Id}/ns/mnt", "--", .. command];

    private void StartDocker()
    {
        string folder = $"{_machine.Folder}/docker";
        Directory.CreateDirectory(folder);
        string[] words =
        [
            "--data-root", $"{folder}/data", "--exec-root", $"{folder}/exec", "--pidfile", $"{folder}/pid", "--host", $"unix://{folder}/socket",
            "--exec-opt", "native.cgroupdriver=cgroupfs", "--log-level", "error",
        ];
        string[] command = WithMounts(["/bin/sh", "-c", $"exec dockerd \"$@\" >{folder}/log 2>&1", "dockerd", .. words]);
        _daemon = NetworkNamespace.Run(_host, () => Process.Start(command[0], command[1..]));
        LifeTests.Until(() => _daemon.HasExited || Run(Docker("version")).Code == 0, folder);
        Assert.False(_daemon.HasExited, _daemon.HasExited ? File.ReadAllText($"{folder}/log") : "");
    }

    private string[] Docker(params string[] words) => WithMounts(["docker", "--host", $"unix://{_machine.Folder}/docker/socket", .. words]);

    private string[] Podman(params string[] words)
    {
        string folder = $"{_machine.Folder}/podman", configuration = $"{folder}/containers.conf";
        if (!File.Exists(configuration))
        {
            Directory.CreateDirectory(folder);
            File.WriteAllText(configuration, $"""
                [engine]
                cgroup_manager = "cgroupfs"
                events_logger = "file"
                [network]
                network_backend = "netavark"
                network_config_dir = "{folder}/networks"
                """);
        }
        return WithMounts(["env", "--unset=DOCKER_CONFIG", $"CONTAINERS_CONF={configuration}", "podman", "--root", $"{folder}/root", "--runroot", $"{folder}/run", "--tmpdir", $"{folder}/tmp", "--storage-driver", "overlay", .. words]);
    }

    private string[] Rundlet(params string[] words) => [_machine.Program, .. words];

    private string Must(string[] command)
    {
        Result result = Run(command);
        Assert.True(result.Code == 0, $"{string.Join(' ', command)}: {result.Error}");
        return result.Output;
    }

    private Result Run(string[] command) => NetworkNamespace.Run(_host, () =>
    {
        using Process process = Process.Start(_machine.StartInfo(command[0], command[1..]))!;
        process.StandardInput.Close();
        return Machine.Finish(process);
    });
}

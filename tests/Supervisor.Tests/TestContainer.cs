using System.Text;
using Rundlet.Linux;
using Rundlet.Linux.Proc;
using Rundlet.Oci;
using Rundlet.Runtime;
using Rundlet.Runtime.Supervision;
using Rundlet.Syscalls;

namespace Rundlet.Supervisor.Tests;

/// <summary>A container of busybox under a real supervisor, in folders of its own. Disposing it fails the test on whatever is left.</summary>
internal sealed class TestContainer : IDisposable
{
    /// <summary>No wait of a test is longer.</summary>
    public static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);

    private static int s_count;

    private readonly TemporaryFolder _folder = new();
    private readonly SupervisorLaunch _launch;
    private OwnedFd _supervisor;
    private bool _started;
    private int _supervisorPid;

    private TestContainer(string[] arguments, Options options, Action<string>? prepare)
    {
        string program = options.OwnProgram ? CopyOf(SupervisorBinary.Require()) : SupervisorBinary.Require();
        Id = $"supervised-{Environment.ProcessId}-{Interlocked.Increment(ref s_count)}";
        Directory.CreateDirectory(ContainerFolder);
        Directory.CreateDirectory(RunFolder);
        string lower = MakeRoot();
        prepare?.Invoke(lower);
        foreach (string name in new[] { "rootfs", "upper", "work" })
            Directory.CreateDirectory(Path.Combine(ContainerFolder, name));
        File.WriteAllBytes(Path.Combine(ContainerFolder, "config.json"), SpecWriter.ToBytes(MakeSpec(arguments, options)));
        File.WriteAllBytes(Path.Combine(ContainerFolder, SupervisorConfig.FileName), new SupervisorConfig
        {
            Id = Id,
            Overlay = new OverlayConfig { Lower = [lower], Upper = Path.Combine(ContainerFolder, "upper"), Work = Path.Combine(ContainerFolder, "work") },
            Log = new LogConfig { Path = LogPath, MaxSize = options.MaxLogSize, MaxFiles = options.MaxLogFiles },
            OpenStdin = options.Stdin,
            StdinOnce = options.Stdin,
            OnExit = options.OnExit,
            StopTimeoutMs = options.StopTimeoutMs,
            Restart = RestartPolicy.Parse(options.Restart),
            Health = options.Health,
            Runtime = options.Runtime,
        }.ToBytes());
        _launch = SupervisorLaunch.Begin(program, ContainerFolder, RunFolder);
        _supervisorPid = _launch.SupervisorPid;
        _supervisor = OwnedFd.FromAnswer(Sys.pidfd_open(_supervisorPid), "pidfd_open");
    }

    public sealed record Options(bool Terminal = false, bool Stdin = false, ExitPolicy OnExit = ExitPolicy.Keep, Hooks? Hooks = null, string Restart = "no", bool OwnProgram = false, HealthConfig? Health = null, int StopTimeoutMs = SupervisorConfig.DefaultStopTimeoutMs, string? Runtime = null, long MaxLogSize = 0, int MaxLogFiles = 1);

    public string Id { get; }

    public string ContainerFolder => _folder["container"];

    public string RunFolder => _folder["run"];

    public string LogPath => Path.Combine(ContainerFolder, "container.log");

    public SupervisorLaunch Launch => _launch;

    public int SupervisorPid => _supervisorPid;

    public int Pid { get; private set; }

    public ContainerRuntimeState State => ContainerRuntimeState.Read(File.ReadAllBytes(Path.Combine(RunFolder, ContainerRuntimeState.FileName)));

    public ExitRecord ExitRecord => ExitRecord.Read(File.ReadAllBytes(Path.Combine(RunFolder, ExitRecord.FileName)));

    /// <summary>A supervisor that waits for the network.</summary>
    public static TestContainer Prepare(string[] arguments, Options? options = null, Action<string>? prepare = null) => new(arguments, options ?? new Options(), prepare);

    /// <summary>Up to the point where the program waits for its start.</summary>
    public static TestContainer Create(string[] arguments, Options? options = null, Action<string>? prepare = null)
    {
        TestContainer container = Prepare(arguments, options, prepare);
        container.Launch.SendNetwork(null);
        using CancellationTokenSource limit = new(Patience);
        container.Pid = container.Launch.WaitCreated(limit.Token);
        return container;
    }

    /// <summary>A shell script, running in a network namespace of the test's own.</summary>
    /// <param name="network">The namespace.</param>
    /// <param name="script">What the shell runs.</param>
    /// <param name="set">Done when the network is set up, before the start.</param>
    /// <param name="options">More.</param>
    public static TestContainer RunIn(OwnedFd network, string script, Action<TestContainer> set, Options? options = null)
    {
        TestContainer container = Prepare(["/bin/sh", "-c", script], options);
        container.Launch.SendNetwork(network);
        using CancellationTokenSource limit = new(Patience);
        container.Pid = container.Launch.WaitCreated(limit.Token);
        set(container);
        container.Start();
        return container;
    }

    /// <summary>A shell script, running.</summary>
    public static TestContainer Run(string script, Options? options = null)
    {
        TestContainer container = Create(["/bin/sh", "-c", script], options);
        container.Start();
        return container;
    }

    public void Start()
    {
        using CancellationTokenSource limit = new(Patience);
        _launch.Start(limit.Token);
        _started = true;
    }

    /// <summary>Kills the supervisor as nobody should.</summary>
    public void KillSupervisor()
    {
        Assert.Equal(0, Sys.kill(_supervisorPid, SIG.KILL));
        WaitForSupervisor();
    }

    /// <summary>A file in the container, which its program waits for.</summary>
    public void Touch(string path) => File.WriteAllText($"/proc/{Pid}/root{path}", "");

    /// <summary>Starts another supervisor, as the engine's next command does.</summary>
    public void Adopt()
    {
        _supervisorPid = SupervisorLaunch.Adopt(SupervisorBinary.Require(), ContainerFolder, RunFolder);
        _supervisor.Dispose();
        _supervisor = OwnedFd.FromAnswer(Sys.pidfd_open(_supervisorPid), "pidfd_open");
    }

    /// <summary>Waits for an end that is no matter of the log: the record that a client gets.</summary>
    public ExitRecord WaitExit()
    {
        using CancellationTokenSource limit = new(Patience);
        using SupervisorConnection connection = Connect();
        return connection.Wait(limit.Token);
    }

    public SupervisorConnection Connect() => SupervisorConnection.TryOpen(RunFolder) ?? throw new InvalidOperationException("the supervisor does not listen");

    /// <summary>A connection that gets stdout and stderr.</summary>
    public SupervisorConnection Attach(bool stdin = false)
    {
        SupervisorConnection connection = Connect();
        connection.Attach(stdin, stdout: true, stderr: true);
        return connection;
    }

    /// <summary>Everything until the exit record.</summary>
    public static (string Stdout, string Stderr, ExitRecord Exit) ReadToEnd(SupervisorConnection connection)
    {
        using CancellationTokenSource limit = new(Patience);
        using MemoryStream stdout = new(), stderr = new();
        while (true)
        {
            switch (connection.Read(out ReadOnlySpan<byte> payload, limit.Token))
            {
                case FrameType.Stdout:
                    stdout.Write(payload);
                    break;
                case FrameType.Stderr:
                    stderr.Write(payload);
                    break;
                case FrameType.Exit:
                    return (Encoding.UTF8.GetString(stdout.ToArray()), Encoding.UTF8.GetString(stderr.ToArray()), Runtime.Supervision.ExitRecord.Read(payload));
                case var other:
                    throw new InvalidOperationException($"unexpected frame {other}");
            }
        }
    }

    /// <summary>Reads stdout until a text has come.</summary>
    public static string ReadUntil(SupervisorConnection connection, string text)
    {
        using CancellationTokenSource limit = new(Patience);
        StringBuilder all = new();
        while (!all.ToString().Contains(text))
        {
            Assert.Equal(FrameType.Stdout, connection.Read(out ReadOnlySpan<byte> payload, limit.Token));
            all.Append(Encoding.UTF8.GetString(payload));
        }
        return all.ToString();
    }

    /// <summary>Waits for the end of a process by its pidfd.</summary>
    public static void WaitForEnd(OwnedFd pidfd) =>
        Assert.Equal(1, Sys.poll([new pollfd { fd = pidfd.Value, events = POLL.IN }], (int)Patience.TotalMilliseconds));

    /// <summary>Waits until the supervisor has ended.</summary>
    public void WaitForSupervisor() => WaitForEnd(_supervisor);

    public void Dispose()
    {
        string[] cgroups = File.Exists(Path.Combine(RunFolder, ContainerRuntimeState.FileName)) ? [.. State.Cgroups.Values.Distinct()] : [];
        _launch.Dispose();
        if (Sys.poll([new pollfd { fd = _supervisor.Value, events = POLL.IN }], 0) == 0)
        {
            using SupervisorConnection? connection = _started ? SupervisorConnection.TryOpen(RunFolder) : null;
            connection?.Stop(SIG.KILL);
            WaitForSupervisor();
        }
        _supervisor.Dispose();
        AssertNothingIsLeft(cgroups);
        _folder.Dispose();
    }

    private void AssertNothingIsLeft(string[] cgroups)
    {
        Assert.DoesNotContain(cgroups, Directory.Exists);
        Assert.DoesNotContain(_folder.Path, File.ReadAllText("/proc/self/mountinfo"));
        Assert.False(File.Exists(Path.Combine(RunFolder, ControlAddress.FileName)));
        Assert.True(Pid == 0 || ProcStat.TryRead(Pid) is not { IsAlive: true }, "the container's process is alive");
    }

    private string CopyOf(string program)
    {
        File.Copy(program, _folder["program"]);
        return _folder["program"];
    }

    private string MakeRoot()
    {
        string root = _folder["layer"];
        foreach (string name in new[] { "bin", "dev", "proc", "sys", "etc", "tmp" })
            Directory.CreateDirectory(Path.Combine(root, name));
        File.Copy("/bin/busybox", Path.Combine(root, "bin/busybox"));
        foreach (string name in new[] { "sh", "cat", "echo", "sleep", "true", "stty", "ls", "kill", "head", "tr", "test", "readlink", "seq", "rm", "touch", "nslookup" })
            File.CreateSymbolicLink(Path.Combine(root, "bin", name), "busybox");
        File.WriteAllText(Path.Combine(root, "etc/not-a-program"), "text");
        return root;
    }

    private Spec MakeSpec(string[] arguments, Options options) => new()
    {
        Hooks = options.Hooks,
        OciVersion = "1.2.0",
        Root = new Root { Path = "rootfs" },
        Hostname = "supervised",
        Process = ProcessOf(arguments, options.Terminal),
        Mounts =
        [
            new Mount { Destination = "/proc", Type = "proc", Source = "proc" },
            new Mount { Destination = "/dev", Type = "tmpfs", Source = "tmpfs", Options = ["nosuid", "mode=755"] },
            new Mount { Destination = "/dev/pts", Type = "devpts", Source = "devpts", Options = ["nosuid", "noexec", "newinstance", "ptmxmode=0666", "mode=0620"] },
        ],
        Linux = new LinuxSpec
        {
            CgroupsPath = $"/{Id}",
            Namespaces =
            [
                .. new[] { "pid", "network", "ipc", "uts", "mount" }.Select(type => new Namespace { Type = type }),
            ],
        },
    };

    public static Process ProcessOf(string[] arguments, bool terminal = false) => new()
    {
        Args = [.. arguments],
        Cwd = "/",
        Env = ["PATH=/bin"],
        Terminal = terminal,
    };
}

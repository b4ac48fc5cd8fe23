using System.Net;
using System.Runtime.ExceptionServices;
using Rundlet.Engine.State;
using Rundlet.Linux;
using Rundlet.Network;
using Rundlet.Network.Firewall;
using Rundlet.Network.Ports;
using Rundlet.Runtime;
using Rundlet.Runtime.Supervision;
using Rundlet.Syscalls;

namespace Rundlet.Engine.Tests;

/// <summary>Makes by hand what a crash leaves.</summary>
internal static class Remnants
{
    /// <summary>A pid above what the kernel gives out.</summary>
    public const int NoPid = 0x3FFFFFFF;

    // Networks and mounts of a thread of its own.
    public static void InOwnNetwork(Action<TestRoot, FirewallTable> work)
    {
        using TestRoot root = Root();
        ExceptionDispatchInfo? failure = null;
        var thread = new Thread(() =>
        {
            try
            {
                LinuxException.ThrowIfError(Sys.unshare(CLONE.NEWNET | CLONE.NEWNS), "unshare", "network and mounts");
                LinuxException.ThrowIfError(Sys.mount("none", "/", default, MS.REC | MS.PRIVATE, default), "make private", "/");
                using FirewallTable firewall = FirewallTable.Open();
                work(root, firewall);
            }
            catch (Exception error) // carried to the test below
            {
                failure = ExceptionDispatchInfo.Capture(error);
            }
        });
        thread.Start();
        thread.Join();
        failure?.Throw();
    }

    public static void Publish(FirewallTable firewall, ContainerRecord record)
    {
        firewall.Ensure(NetworkDefinition.Default with { Interface = "bridge0" });
        firewall.Exchange(record.Id, _ => [new PublishedPort(PortProtocol.Tcp, null, 8080, IPAddress.Parse("172.30.0.2"), 80, record.Id)]);
        Assert.Single(firewall.List());
    }

    public static void Fill(string path)
    {
        using OwnedFd file = FileIo.Open(Sys.AT_FDCWD, path, O.WRONLY | O.CREAT, 0x180);
        byte[] block = new byte[4096];
        while (Sys.write(file.Value, block) > 0)
        {
        }
    }

    public static TestRoot Root()
    {
        if (Sys.geteuid() != 0)
            Assert.Skip("needs root");
        return new TestRoot();
    }

    public static ContainerRecord Make(TestRoot root, bool autoRemove)
    {
        ContainerRecord record = TestRoot.Record("web", 'e') with { AutoRemove = autoRemove, Options = """{"image":"web","network":"none"}""" };
        new ContainerTable(root.Database).Insert(record, "create");
        Directory.CreateDirectory($"{root.Paths.Container(record.Id)}/upper");
        Directory.CreateDirectory(root.Paths.Live(record.Id));
        return record;
    }

    public static void Claim(TestRoot root, int pid, long start, string purpose) =>
        root.Database.Run($"UPDATE containers SET claim_pid = {pid}, claim_start = {start}, claim_purpose = '{purpose}'");

    public static void Unclaim(TestRoot root) => root.Database.Run("UPDATE containers SET claim_pid = NULL, claim_start = NULL, claim_purpose = NULL");

    public static void WriteConfig(TestRoot root, ContainerRecord record, string policy) =>
        File.WriteAllBytes($"{root.Paths.Container(record.Id)}/{SupervisorConfig.FileName}", new SupervisorConfig { Id = record.Id, Restart = RestartPolicy.Parse(policy) }.ToBytes());

    public static void WriteState(
        TestRoot root, ContainerRecord record, int supervisor, ulong start, int? pid = null, ulong? pidStart = null, int restarts = 0, ExitRecord? ended = null,
        ContainerStatus? status = null, string? cgroup = null)
    {
        var state = new ContainerRuntimeState
        {
            Id = record.Id,
            Status = status ?? (ended is null ? ContainerStatus.Running : ContainerStatus.Stopped),
            Pid = pid ?? supervisor,
            PidStartTime = pidStart ?? start,
            SupervisorPid = supervisor,
            SupervisorStartTime = start,
            StartedAt = status == ContainerStatus.Created ? null : DateTimeOffset.UtcNow,
            RestartCount = restarts,
            LastExit = ended,
            Cgroups = cgroup is null ? [] : new Dictionary<string, string> { ["pids"] = cgroup },
        };
        File.WriteAllBytes($"{root.Paths.Live(record.Id)}/{ContainerRuntimeState.FileName}", state.ToBytes());
    }
}

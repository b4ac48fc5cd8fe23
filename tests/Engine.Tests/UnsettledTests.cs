using Rundlet.Engine.Lifecycle;
using Rundlet.Engine.Operations;
using Rundlet.Engine.State;
using Rundlet.Linux;
using Rundlet.Runtime;
using Rundlet.Runtime.Supervision;
using Rundlet.Syscalls;
using static Rundlet.Engine.Tests.Remnants;

namespace Rundlet.Engine.Tests;

/// <summary>Containers that cannot be settled, for now or ever, are in nobody's way.</summary>
public sealed class UnsettledTests
{
    [Theory]
    [InlineData("")]
    [InlineData("remove")]
    [InlineData("start again 1")]
    public void On_a_full_disk_ports_are_given_back_too(string purpose) => InOwnNetwork((root, firewall) =>
    {
        LinuxException.ThrowIfError(Sys.mount("tmpfs", root.Paths.Containers, "tmpfs", 0, "size=64k"), "mount", root.Paths.Containers);
        ContainerRecord record = Make(root, autoRemove: false);
        WriteConfig(root, record, "no");
        if (purpose.Length > 0)
            Claim(root, NoPid, 1, purpose);
        else
            Unclaim(root);
        WriteState(root, record, NoPid, 1);
        Publish(firewall, record);
        Fill($"{root.Paths.Containers}/filler");
        using (ContainerEngine full = ContainerEngine.Open(root.Paths, "/no/such/program"))
        {
            Assert.Empty(firewall.List());
            // Where the exit could not be put on record, the run folder still tells it.
            Assert.Equal((purpose != "remove", purpose.Length == 0), (full.Containers.Find(record.Id) is not null, Directory.Exists(root.Paths.Live(record.Id))));
        }
        File.Delete($"{root.Paths.Containers}/filler");
        using ContainerEngine engine = ContainerEngine.Open(root.Paths, "/no/such/program");
        if (purpose.Length == 0)
            Assert.Equal(255, engine.StandingOf(record).Exit!.ExitCode);
        Assert.False(Directory.Exists(root.Paths.Live(record.Id)));
    });

    [Fact]
    public void The_reserve_knows_a_disk_without_space() => InOwnNetwork((root, _) =>
    {
        string folder = Directory.CreateDirectory($"{root.Paths.Root}/small").FullName;
        LinuxException.ThrowIfError(Sys.mount("tmpfs", folder, "tmpfs", 0, "size=256k"), "mount", folder);
        Assert.False(new DiskReserve(folder).IsSpaceShort());
        Fill($"{folder}/filler");
        Assert.True(new DiskReserve(folder).IsSpaceShort());
    });

    [Theory]
    [InlineData("settle")]
    [InlineData(null)]
    public void A_container_whose_state_file_is_damaged_is_in_nobodys_way_and_goes_by_force_alone(string? purpose)
    {
        using TestRoot root = Root();
        ContainerRecord record = Make(root, autoRemove: false);
        if (purpose is null)
            Unclaim(root);
        else
            Claim(root, NoPid, 1, purpose);
        File.WriteAllText($"{root.Paths.Live(record.Id)}/{ContainerRuntimeState.FileName}", "{\"id\":");
        using ContainerEngine engine = ContainerEngine.Open(root.Paths, null);
        Exception warning = Assert.Single(engine.Warnings);
        Assert.Contains("'web' cannot be settled", warning.Message);
        Assert.Contains(ContainerRuntimeState.FileName, warning.Message);
        Assert.Contains("rm -f web", ContainerException.HintOf(warning));
        Assert.Equal(ContainerPhase.Dead, Assert.Single(ListContainers.Run(engine, all: false)).Standing.Phase);
        Refused(() => Operations.StartContainer.Run(engine, record));
        Refused(() => StopContainer.Run(engine, record, seconds: 0));
        Refused(() => RemoveContainer.Run(engine, record, force: false));
        Assert.Empty(RemoveContainer.Run(engine, record, force: true));
        Assert.Null(engine.Containers.Find(record.Id));
        Assert.False(Directory.Exists(root.Paths.Live(record.Id)));
        using ContainerEngine again = ContainerEngine.Open(root.Paths, null);
        Assert.Empty(again.Warnings);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void An_exit_record_that_is_damaged_is_an_end_with_a_code_that_is_not_known(bool isLive)
    {
        using TestRoot root = Root();
        ContainerRecord record = Make(root, autoRemove: false);
        Unclaim(root);
        if (isLive)
            WriteState(root, record, NoPid, 1);
        string folder = isLive ? root.Paths.Live(record.Id) : root.Paths.Container(record.Id);
        File.WriteAllText($"{folder}/{ExitRecord.FileName}", "");
        using ContainerEngine engine = ContainerEngine.Open(root.Paths, null);
        Assert.Empty(engine.Warnings);
        ContainerStanding standing = engine.StandingOf(record);
        Assert.Equal((ContainerPhase.Exited, 255), (standing.Phase, standing.Exit!.ExitCode));
        Assert.Contains(ExitRecord.FileName, standing.Exit.Error);
        Assert.InRange(standing.Exit.FinishedAt, DateTimeOffset.UtcNow.AddMinutes(-5), DateTimeOffset.UtcNow.AddMinutes(1));
        Assert.False(Directory.Exists(root.Paths.Live(record.Id)));
    }

    [Fact]
    public void A_container_whose_cgroup_cannot_be_removed_is_in_nobodys_way_and_goes_by_force()
    {
        using TestRoot root = Root();
        ContainerRecord record = Make(root, autoRemove: false), other = TestRoot.Record("other", 'f') with { Options = """{"image":"web","network":"none"}""" };
        new ContainerTable(root.Database).Insert(other, "create");
        Directory.CreateDirectory(root.Paths.Container(other.Id));
        Directory.CreateDirectory(root.Paths.Live(other.Id));
        Unclaim(root);
        // Nobody can rmdir a folder with a file in it.
        string busy = Directory.CreateDirectory($"{root.Paths.Root}/cgroup").FullName;
        File.WriteAllText($"{busy}/file", "");
        WriteState(root, record, NoPid, 1, cgroup: busy);
        WriteState(root, other, NoPid, 1);
        long began = Environment.TickCount64;
        for (int i = 0; i < 3; i++)
        {
            using ContainerEngine failing = ContainerEngine.Open(root.Paths, null);
            Assert.Contains($"'web' cannot be settled: remove cgroup: rmdir '{busy}'", Assert.Single(failing.Warnings).Message);
            Assert.Equal(255, failing.StandingOf(other).Exit!.ExitCode);
        }
        Assert.InRange(Environment.TickCount64 - began, 0, 8000);
        using ContainerEngine engine = ContainerEngine.Open(root.Paths, null);
        Assert.Contains(ListContainers.Run(engine, all: true), container => container.Record.Name == "web");
        Refused(() => Operations.StartContainer.Run(engine, record));
        Assert.Contains(busy, Assert.Single(RemoveContainer.Run(engine, record, force: true)));
        Assert.Null(engine.Containers.Find(record.Id));
        Assert.False(Directory.Exists(root.Paths.Container(record.Id)));
        Assert.False(Directory.Exists(root.Paths.Live(record.Id)));
    }

    [Fact]
    public void A_container_whose_volume_cannot_be_detached_is_in_nobodys_way_and_goes_by_force() => InOwnNetwork((root, _) =>
    {
        ContainerRecord record = Make(root, autoRemove: false);
        Unclaim(root);
        root.Database.Run("INSERT INTO volumes (name, created, anonymous, labels, options) VALUES ('data', 0, 0, '{}', '{\"type\":\"tmpfs\",\"device\":\"tmpfs\"}')");
        root.Database.Run($"INSERT INTO container_volumes (container, volume, anonymous) VALUES ('{record.Id}', 'data', 0)");
        Directory.CreateDirectory(root.Paths.Volumes);
        File.WriteAllText(root.Paths.Volume("data"), ""); // no folder: nothing below it can be opened
        WriteState(root, record, NoPid, 1);
        using ContainerEngine engine = ContainerEngine.Open(root.Paths, null);
        Assert.Contains("'web' cannot be settled", Assert.Single(engine.Warnings).Message);
        Assert.Single(RemoveContainer.Run(engine, record, force: true));
        Assert.Null(engine.Containers.Find(record.Id));
    });

    private static void Refused(Action work)
    {
        var error = Assert.Throws<ContainerException>(work);
        Assert.Equal(ContainerErrorKind.Conflict, error.Kind);
        Assert.Contains("rm -f web", ContainerException.HintOf(error));
    }
}

using Rundlet.Engine.Options;
using Rundlet.Engine.Specs;
using Rundlet.Linux;
using Rundlet.Linux.Cgroups;
using Rundlet.Oci;

namespace Rundlet.Engine.Tests;

/// <summary>What systemd finds in a container whose first process it is.</summary>
public sealed class SystemdModeTests
{
    private static readonly ContainerOptions s_init = new() { Image = "debian", Command = ["/sbin/init"] };

    [Theory]
    [InlineData(null, "/sbin/init", true)]
    [InlineData("true", "/usr/sbin/init", true)]
    [InlineData("true", "/lib/systemd/systemd", true)]
    [InlineData("true", "systemd", true)]
    [InlineData("true", "/bin/init", false)]
    [InlineData("true", "/bin/sh", false)]
    [InlineData("always", "/bin/sh", true)]
    [InlineData("false", "/sbin/init", false)]
    public void It_is_told_by_the_name_of_the_program(string? value, string program, bool isWanted) =>
        Assert.Equal(isWanted, SystemdMode.IsWanted(s_init with { Systemd = value, Command = [program] }, new ContainerConfig()));

    [Fact]
    public void A_first_process_of_ours_is_not_systemd()
    {
        Assert.False(SystemdMode.IsWanted(s_init with { Init = true }, new ContainerConfig()));
        Assert.Contains("exclude each other", Refusal(s_init with { Init = true, Systemd = "always" }, CgroupMode.V2).Message);
    }

    [Fact]
    public void The_image_may_name_it_and_its_stop_signal_wins()
    {
        ContainerConfig image = new() { Entrypoint = ["/sbin/init"] };
        Assert.Equal("SIGRTMIN+3", Complete(s_init with { Command = [] }, image).StopSignal);
        Assert.Equal("SIGPWR", Complete(s_init with { Command = [] }, new ContainerConfig { Entrypoint = ["/sbin/init"], StopSignal = "SIGPWR" }).StopSignal);
        Assert.Equal("TERM", Complete(s_init with { StopSignal = "TERM" }, image).StopSignal);
        Assert.Null(Complete(s_init with { Systemd = "false" }, new ContainerConfig()).StopSignal);
        Assert.Equal(37, SignalNames.Parse(SystemdMode.StopSignal));
    }

    [Theory]
    [InlineData(CgroupMode.Hybrid, "this machine has cgroup v1 and v2 together")]
    [InlineData(CgroupMode.V1, "this machine has cgroup v1")]
    [InlineData(CgroupMode.None, "this machine has no cgroups")]
    public void Where_it_cannot_have_a_cgroup_it_is_refused_by_name(CgroupMode mode, string message)
    {
        ContainerException refused = Refusal(s_init, mode);
        Assert.Equal(ContainerErrorKind.Unsupported, refused.Kind);
        Assert.Contains(message, refused.Message);
        SystemdMode.Complete(s_init with { Command = ["/bin/sh"] }, new ContainerConfig(), () => mode);
        SystemdMode.Complete(s_init with { Systemd = "false" }, new ContainerConfig(), () => mode);
    }

    [Fact]
    public void A_shared_cgroup_namespace_is_refused() =>
        Assert.Contains("--cgroupns is 'host'", Refusal(s_init with { Namespaces = new NamespaceOptions { Cgroup = "host" } }, CgroupMode.V2).Message);

    [Fact]
    public void It_has_memory_a_cgroup_to_write_to_and_knows_where_it_is()
    {
        Spec spec = Build(s_init);
        foreach ((string path, string mode) in new[] { ("/run", "mode=755"), ("/run/lock", "mode=1777"), ("/tmp", "mode=1777"), ("/var/log/journal", "mode=755") })
        {
            Mount mount = Assert.Single(spec.Mounts!, mount => mount.Destination == path);
            Assert.Equal("tmpfs", mount.Type);
            Assert.Equal(["nosuid", "nodev", mode, "tmpcopyup"], mount.Options);
        }
        Assert.Contains("rw", Assert.Single(spec.Mounts!, mount => mount.Destination == "/sys/fs/cgroup").Options!);
        Assert.Contains("container=rundlet", spec.Process!.Env!);
        Assert.Contains($"container_uuid={new string('a', 32)}", spec.Process.Env!);
        Assert.Equal(["/run", "/run/lock"], spec.Mounts!.Select(mount => mount.Destination).Where(path => path.StartsWith("/run", StringComparison.Ordinal)));
    }

    [Fact]
    public void A_mount_of_the_user_takes_the_place_of_ours()
    {
        Mount mount = Assert.Single(Build(s_init with { Mounts = [MountOption.ParseVolume("/srv/run:/run")] }).Mounts!, mount => mount.Destination == "/run");
        Assert.Equal(("bind", "/srv/run"), (mount.Type, mount.Source));
    }

    [Fact]
    public void Nobody_else_gets_any_of_it()
    {
        Spec spec = Build(s_init with { Command = ["/bin/sh"] });
        Assert.DoesNotContain(spec.Mounts!, mount => mount.Destination is "/run" or "/tmp");
        Assert.Contains("ro", Assert.Single(spec.Mounts!, mount => mount.Destination == "/sys/fs/cgroup").Options!);
        Assert.DoesNotContain(spec.Process!.Env!, variable => variable.StartsWith("container", StringComparison.Ordinal));
    }

    private static ContainerOptions Complete(ContainerOptions options, ContainerConfig image) => SystemdMode.Complete(options, image, () => CgroupMode.V2);

    private static ContainerException Refusal(ContainerOptions options, CgroupMode mode) =>
        Assert.Throws<ContainerException>(() => SystemdMode.Complete(options, new ContainerConfig(), () => mode));

    private static Spec Build(ContainerOptions options) => SpecBuilder.Build(new SpecInputs { Id = new string('a', 64), Options = options, Image = new ContainerConfig(), User = new User { Uid = 0, Gid = 0 } });
}

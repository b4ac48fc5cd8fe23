using System.Text.Json.Nodes;

namespace Rundlet.Runcs.Tests;

/// <summary>systemd as the manager of cgroups: where it is the first process, as in the guest of <c>./dev vm</c>.</summary>
public sealed class SystemdTests : ContainerTest
{
    private const long MiB = 1 << 20;

    public SystemdTests()
    {
        if (!File.Exists("/run/systemd/private"))
            Assert.Skip("systemd is not the first process here");
    }

    [Fact]
    [SpecRow("cli.systemdCgroup", "linux.cgroupsPath.systemd")]
    public void A_container_is_a_scope_with_its_limits_and_gone_after_delete()
    {
        TestContainer container = Scope(out string unit);
        container.LinuxPart["resources"] = new JsonObject
        {
            ["memory"] = new JsonObject { ["limit"] = 64 * MiB, ["reservation"] = 32 * MiB },
            ["pids"] = new JsonObject { ["limit"] = 77 },
            ["cpu"] = new JsonObject { ["quota"] = 25000, ["period"] = 50000, ["shares"] = 2048, ["cpus"] = "0" },
        };
        Create(container).Good();
        Assert.EndsWith($"/rundlet.slice/rundlet-test.slice/{unit}", File.ReadAllText($"/proc/{container.Pid()}/cgroup").Trim(), StringComparison.Ordinal);
        Assert.Equal(
            ["Slice=rundlet-test.slice", "Delegate=yes", $"MemoryMax={64 * MiB}", $"MemoryLow={32 * MiB}", "TasksMax=77", "CPUQuotaPerSecUSec=500ms"],
            Show(unit, "Slice", "Delegate", "MemoryMax", "MemoryLow", "TasksMax", "CPUQuotaPerSecUSec"));
        Assert.Equal(["AllowedCPUs=0"], Show(unit, "AllowedCPUs"));
        Assert.Equal("25000 50000", Read(container, "cpu.max"));
        container.Start().Good();
        container.Exec("/bin/sh", "-c", "cat /proc/self/cgroup").Good();
        container.Runtime("delete", "--force", container.Id).Good();
        Assert.Equal(["LoadState=not-found"], Show(unit, "LoadState"));
    }

    [Fact]
    public void Without_a_path_the_scope_has_the_name_of_the_container()
    {
        TestContainer container = Container().Script("sleep 1000");
        container.LinuxPart.Remove("cgroupsPath");
        Create(container).Good();
        string cgroup = File.ReadAllText($"/proc/{container.Pid()}/cgroup").Trim();
        Assert.EndsWith(RuntimeProgram.IsOurs ? $"/system.slice/runcs-{container.Id}.scope" : $"{container.Id}.scope", cgroup, StringComparison.Ordinal);
    }

    [Fact]
    public void A_path_of_another_form_is_refused()
    {
        TestContainer container = Container().Script("sleep 1000");
        container.LinuxPart["cgroupsPath"] = "/a/b";
        Create(container).Refused(1, "slice:prefix:name");
    }

    [Fact]
    public void An_update_is_told_to_systemd_too_and_outlives_its_reload()
    {
        TestContainer container = Scope(out string unit);
        container.LinuxPart["resources"] = new JsonObject
        {
            ["memory"] = new JsonObject { ["limit"] = 64 * MiB },
            ["devices"] = new JsonArray(new JsonObject { ["allow"] = false, ["access"] = "rwm" }),
        };
        container.Capabilities("CAP_MKNOD", "CAP_SYSLOG");
        Create(container).Good();
        container.Start().Good();
        container.Runtime("update", "--memory", "96M", "--pids-limit", "55", container.Id).Good();
        Assert.Equal([$"MemoryMax={96 * MiB}", "TasksMax=55"], Show(unit, "MemoryMax", "TasksMax"));
        Systemctl("daemon-reload");
        Assert.Equal([$"{96 * MiB}", "55"], [Read(container, "memory.max"), Read(container, "pids.max")]);
        Assert.NotEqual(0, container.Exec("/bin/sh", "-c", "mknod /tmp/kmsg c 1 11; : < /tmp/kmsg").Status);
        container.Exec("/bin/sh", "-c", ": < /dev/zero").Good();
        if (!RuntimeProgram.IsOurs)
            return;
        container.Runtime("update", "--memory", "80M", "--cpu-period", "5", container.Id).Refused(1, "period");
        Assert.Equal([$"MemoryMax={96 * MiB}"], Show(unit, "MemoryMax"));
        Assert.Equal($"{96 * MiB}", Read(container, "memory.max"));
    }

    [Fact]
    public void Annotations_set_properties_and_malformed_ones_are_refused()
    {
        TestContainer container = Scope(out string unit);
        container.Spec["annotations"] = new JsonObject { ["org.systemd.property.TimeoutStopUSec"] = "uint64 7000000", ["org.systemd.property.CollectMode"] = "'inactive-or-failed'" };
        Create(container).Good();
        Assert.Equal(["TimeoutStopUSec=7s", "CollectMode=inactive-or-failed"], Show(unit, "TimeoutStopUSec", "CollectMode"));
        TestContainer other = Scope(out string second);
        other.Spec["annotations"] = new JsonObject { ["org.systemd.property.TimeoutStopUSec"] = "soon" };
        Create(other).Refused(1, "TimeoutStopUSec");
        TestContainer third = Scope(out string unknown);
        third.Spec["annotations"] = new JsonObject { ["org.systemd.property.NoSuchThing"] = "true" };
        Create(third).Refused(1, "NoSuchThing");
        Assert.Equal(["LoadState=not-found", "LoadState=not-found"], [.. Show(second, "LoadState"), .. Show(unknown, "LoadState")]);
    }

    [Fact]
    public void A_container_that_ended_by_itself_leaves_no_scope()
    {
        TestContainer container = Scope(out string unit).Script("true");
        Create(container).Good();
        int pid = container.Pid();
        container.Start().Good();
        container.WaitForEnd(pid);
        container.Runtime("delete", container.Id).Good();
        Assert.Equal(["LoadState=not-found"], Show(unit, "LoadState"));
    }

    [Fact]
    public void A_scope_of_the_same_name_that_runs_is_refused()
    {
        TestContainer container = Scope(out string unit), other = Scope(out _);
        Create(container).Good();
        other.LinuxPart["cgroupsPath"] = (string?)container.LinuxPart["cgroupsPath"];
        Create(other).Refused(1, unit);
        Assert.Equal("created", container.Status());
    }

    [Fact]
    public void Systemd_is_asked_directly_where_there_is_no_bus()
    {
        RuntimeProgram.SkipUnlessOurs();
        TestContainer container = Scope(out string unit);
        container.Save();
        using BoundedProcess run = BoundedProcess.Start($"{Scratch}/direct",
            ["/usr/bin/env", "DBUS_SYSTEM_BUS_ADDRESS=unix:path=/nonexistent", RuntimeProgram.Path, "--root", container.StateRoot, "--systemd-cgroup", "create", "--bundle", container.Bundle, container.Id]);
        run.Wait().Good();
        Assert.Equal(["ActiveState=active"], Show(unit, "ActiveState"));
    }

    private TestContainer Scope(out string unit)
    {
        TestContainer container = Container().Script("sleep 1000");
        container.LinuxPart["cgroupsPath"] = $"rundlet-test.slice:t:{container.Id}";
        unit = $"t-{container.Id}.scope";
        return container;
    }

    private static Finished Create(TestContainer container)
    {
        container.Save();
        return container.Runtime("--systemd-cgroup", "create", "--bundle", container.Bundle, container.Id);
    }

    private string[] Show(string unit, params string[] properties) =>
        [.. properties.Select(property => Systemctl("show", "--property", property, unit).Output.Trim())];

    private Finished Systemctl(params string[] words)
    {
        using BoundedProcess process = BoundedProcess.Start($"{Scratch}/systemctl", ["systemctl", .. words]);
        return process.Wait().Good();
    }

    private static string Read(TestContainer container, string file) => File.ReadAllText(TestContainer.CgroupFile(container.Pid(), "", file)).Trim();
}

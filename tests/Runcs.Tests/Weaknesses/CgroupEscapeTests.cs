using System.Text.Json.Nodes;

namespace Rundlet.Runcs.Tests.Weaknesses;

/// <summary>
/// A container reaches cgroups that are not its own: release_agent (CVE-2022-0492), the host's tree writable (CVE-2023-25809), the
/// cgroup of another container by name or annotation (CVE-2023-6476, CVE-2024-3154).
/// </summary>
public sealed class CgroupEscapeTests : ContainerTest
{
    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void Of_the_hosts_tree_only_the_containers_own_part_is_there(bool ownNamespace)
    {
        TestContainer container = Container().Capabilities("CAP_SYS_ADMIN").Mount("/sys", "sysfs", "sysfs", "ro").Mount("/sys/fs/cgroup", "cgroup", "cgroup", "rw")
            .Script("for f in /sys/fs/cgroup/release_agent /sys/fs/cgroup/*/release_agent; do [ -e $f ] && echo agent $f; done; cat /sys/fs/cgroup/cgroup.procs /sys/fs/cgroup/*/cgroup.procs 2>/dev/null | sort | uniq | grep -cv \"^$$\\$\"; true");
        if (!ownNamespace)
            container.RemoveNamespace("cgroup");
        string output = container.Output();
        Assert.DoesNotContain("agent", output, StringComparison.Ordinal);
        // Pids of the host have no number in here and read as 0; this shell's children come and go.
        Assert.DoesNotContain("\n0\n", $"\n{output}\n".Replace("\n0\n", output.Trim() == "0" ? "" : "\n0\n", StringComparison.Ordinal), StringComparison.Ordinal);
    }

    [Fact]
    public void Without_the_right_to_it_a_container_makes_no_cgroup_of_its_own()
    {
        TestContainer container = Container().Mount("/sys", "sysfs", "sysfs", "ro").Mount("/sys/fs/cgroup", "cgroup", "cgroup", "ro", "nosuid")
            .Script("mkdir /sys/fs/cgroup/x /sys/fs/cgroup/*/x 2>/dev/null && echo made; mount -t cgroup -o rdma cgroup /tmp 2>/dev/null && echo mounted; echo end");
        Assert.Equal("end", container.Output());
    }

    [Fact]
    public void A_container_that_names_the_cgroup_of_another_is_refused_and_the_other_lives()
    {
        RuntimeProgram.SkipUnlessOurs("runc 1.1 lets both in");
        TestContainer first = Container().Script("exec sleep 1000").Up();
        TestContainer second = Container().Script("exec sleep 1000");
        second.LinuxPart["cgroupsPath"] = (string?)first.LinuxPart["cgroupsPath"];
        second.Create().Refused(1, "in use");
        Assert.Equal("running", first.Status());
        first.Exec("/bin/true").Good();
    }

    [Theory]
    [InlineData("../../../outside")]
    [InlineData("/../outside")]
    [InlineData("/rundlet-test-x/../../outside")]
    public void A_path_does_not_climb_above_the_hierarchy(string path)
    {
        TestContainer container = Container();
        container.LinuxPart["cgroupsPath"] = path;
        _ = container.Run(); // it may refuse, or clean the path
        Assert.DoesNotContain(CgroupMounts.Points, point => Directory.Exists($"{point}/../outside"));
    }

    [Fact]
    public void Annotations_choose_no_cgroup_and_no_property()
    {
        TestContainer container = Container().Script("cat /proc/self/cgroup");
        container.RemoveNamespace("cgroup");
        container.Spec["annotations"] = new JsonObject
        {
            ["run.oci.systemd.subgroup"] = "elsewhere",
            ["run.oci.delegate-cgroup"] = "elsewhere",
            ["org.systemd.property.Slice"] = "'elsewhere.slice'",
            ["io.kubernetes.cri-o.cgroup2-mount-hierarchy-rw"] = "true",
        };
        Assert.DoesNotContain("elsewhere", container.Output(), StringComparison.Ordinal);
    }
}

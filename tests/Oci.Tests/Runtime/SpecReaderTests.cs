using System.Text;

namespace Rundlet.Oci.Tests.Runtime;

public sealed class SpecReaderTests
{
    [Fact]
    public void A_minimal_document_needs_only_its_version()
    {
        Spec spec = SpecReader.Read("""{"ociVersion":"1.3.0"}"""u8);

        Assert.Null(Model.Difference(new Spec { OciVersion = "1.3.0" }, spec));
    }

    [Fact]
    public void Values_come_out_as_the_document_says()
    {
        Spec spec = SpecReader.Read(Examples.Everything);

        Assert.Equal(["/usr/bin/env", "grüße", "\"quoted\"\t\\"], spec.Process!.Args!);
        Assert.Equal(uint.MaxValue, spec.Process.User.Gid);
        Assert.Equal(ulong.MaxValue, spec.Process.Rlimits![0].Hard);
        Assert.Equal(-500, spec.Process.OomScoreAdj);
        Assert.Equal("value", spec.Annotations!["org.example.key"]);
        Assert.Equal(long.MaxValue, spec.Linux!.Resources!.Memory!.KernelTcp);
        Assert.Equal(-86400, spec.Linux.TimeOffsets!["monotonic"].Secs);
        Assert.Null(spec.Linux.NetDevices!["eth2"].Name);
        Assert.Equal("p", spec.Linux.Devices![1].Type);
        Assert.Equal(0, spec.Linux.Devices[1].Major);
        Assert.Equal(["read", "write"], spec.Linux.Seccomp!.Syscalls![0].Names);
        Assert.Empty(spec.Mounts![0].Options!);
        Assert.Null(spec.Mounts[0].UidMappings);
    }

    [Fact]
    public void The_example_of_everything_holds_every_member_of_the_model() =>
        Assert.Empty(Model.Absent(SpecReader.Read(Examples.Everything)));

    [Fact]
    public void Without_the_rules_for_system_calls_the_rest_is_the_same()
    {
        Spec whole = SpecReader.Read(Examples.Everything);
        Assert.NotNull(whole.Linux!.Seccomp);
        whole.Linux.Seccomp = null;

        Assert.Null(Model.Difference(whole, SpecReader.ReadWithoutSeccomp(Examples.Everything)));
        Assert.Throws<SpecFormatException>(() => SpecReader.ReadWithoutSeccomp("""{"ociVersion":"1.3.0","linux":{"seccomp":{},"seccomp":{}}}"""u8));
        Assert.Throws<SpecFormatException>(() => SpecReader.ReadWithoutSeccomp("""{"ociVersion":"1.3.0","linux":{"seccomp":{"a" 1}}}"""u8));
    }

    [Fact]
    public void Null_is_taken_as_absent()
    {
        Spec spec = SpecReader.Read("""{"ociVersion":"1.3.0","process":null,"mounts":null,"linux":{"resources":{"pids":null}},"hostname":null}"""u8);

        Assert.Null(Model.Difference(new Spec { OciVersion = "1.3.0", Linux = new LinuxSpec { Resources = new Resources() } }, spec));
    }

    [Fact]
    public void A_required_member_that_is_null_is_missing()
    {
        var error = Assert.Throws<SpecFormatException>(() => SpecReader.Read("""{"ociVersion":null}"""u8));

        Assert.Equal("expected a member 'ociVersion', found none", error.Problem);
    }

    [Fact]
    public void Unknown_members_are_passed_over()
    {
        Spec spec = SpecReader.Read("""{"x":{"ociVersion":[{}]},"ociVersion":"1.3.0","root":{"path":"r","y":[1,{"path":2}]}}"""u8);

        Assert.Equal("r", spec.Root!.Path);
    }

    [Fact]
    public void A_member_name_may_be_escaped()
    {
        Spec spec = SpecReader.Read("""{"oci\u0056ersion":"1.\u0033.0"}"""u8);

        Assert.Equal("1.3.0", spec.OciVersion);
    }

    [Fact]
    public void A_process_stands_alone_for_exec()
    {
        Process process = SpecReader.ReadProcess("""{"args":["id"],"cwd":"/","user":{"uid":1,"gid":2}}"""u8);

        var expected = new Process { Args = ["id"], Cwd = "/", User = new User { Uid = 1, Gid = 2 } };
        Assert.Null(Model.Difference(expected, process));
    }

    [Fact]
    public void Resources_stand_alone_for_update()
    {
        Resources resources = SpecReader.ReadResources("""{"memory":{"limit":-1},"pids":{"limit":7},"unified":{"cpu.weight":"3"}}"""u8);

        var expected = new Resources
        {
            Memory = new MemoryResources { Limit = -1 },
            Pids = new PidsResources { Limit = 7 },
            Unified = new() { ["cpu.weight"] = "3" },
        };
        Assert.Null(Model.Difference(expected, resources));
    }

    [Fact]
    public void A_document_longer_than_the_bound_is_refused_before_it_is_read()
    {
        var error = Assert.Throws<SpecFormatException>(() => SpecReader.Read(new byte[SpecReader.MaxBytes + 1]));

        Assert.Equal($"expected at most {SpecReader.MaxBytes} bytes, found {SpecReader.MaxBytes + 1}", error.Problem);
    }

    [Fact]
    public void White_space_may_follow_the_document() =>
        Assert.Equal("1.3.0", SpecReader.Read(Encoding.UTF8.GetBytes("\n {\"ociVersion\":\"1.3.0\"} \r\n\t")).OciVersion);
}

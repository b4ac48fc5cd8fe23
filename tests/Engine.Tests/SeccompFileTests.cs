using System.Buffers;
using System.Text;
using System.Text.Json;
using Rundlet.Engine.Specs;
using Rundlet.Linux;
using Rundlet.Linux.Capabilities;
using Rundlet.Oci;

namespace Rundlet.Engine.Tests;

/// <summary>Profiles with docker's and podman's own words, resolved for one container on one machine.</summary>
public sealed class SeccompFileTests
{
    private const string Conditions =
        """
        {
          "defaultAction": "SCMP_ACT_ERRNO", "defaultErrnoRet": 1,
          "archMap": [
            { "architecture": "SCMP_ARCH_X86_64", "subArchitectures": [ "SCMP_ARCH_X86", "SCMP_ARCH_X32" ] },
            { "architecture": "SCMP_ARCH_AARCH64", "subArchitectures": [ "SCMP_ARCH_ARM" ] }
          ],
          "syscalls": [
            { "names": [ "read", "write" ], "action": "SCMP_ACT_ALLOW", "args": null, "comment": "", "includes": {}, "excludes": null },
            { "name": "chown", "action": "SCMP_ACT_ALLOW" },
            { "names": [ "mount", "bpf" ], "action": "SCMP_ACT_ALLOW", "includes": { "caps": [ "CAP_SYS_ADMIN" ] } },
            { "names": [ "both" ], "action": "SCMP_ACT_ALLOW", "includes": { "caps": [ "CAP_SYS_ADMIN", "CAP_BPF" ] } },
            { "names": [ "clone3" ], "action": "SCMP_ACT_ERRNO", "errnoRet": 38, "excludes": { "caps": [ "CAP_SYS_ADMIN", "CAP_BPF" ] } },
            { "names": [ "arch_prctl" ], "action": "SCMP_ACT_ALLOW", "includes": { "arches": [ "amd64", "x32" ] } },
            { "names": [ "arm_fadvise64_64" ], "action": "SCMP_ACT_ALLOW", "includes": { "arches": [ "arm", "arm64" ] } },
            { "names": [ "personality" ], "action": "SCMP_ACT_ALLOW", "args": [ { "index": 0, "value": 8, "op": "SCMP_CMP_EQ" } ], "excludes": { "arches": [ "arm64" ] } },
            { "names": [ "ptrace" ], "action": "SCMP_ACT_ALLOW", "includes": { "minKernel": "4.8" } },
            { "names": [ "future" ], "action": "SCMP_ACT_ALLOW", "includes": { "minKernel": "6.2" } },
            { "names": [ "past" ], "action": "SCMP_ACT_ALLOW", "excludes": { "minKernel": "6.1" } }
          ]
        }
        """;

    [Theory]
    [InlineData("amd64", new string[0], "read chown clone3 arch_prctl personality ptrace", "SCMP_ARCH_X86_64 SCMP_ARCH_X86 SCMP_ARCH_X32")]
    [InlineData("arm64", new string[0], "read chown clone3 arm_fadvise64_64 ptrace", "SCMP_ARCH_AARCH64 SCMP_ARCH_ARM")]
    [InlineData("amd64", new[] { "CAP_SYS_ADMIN" }, "read chown mount arch_prctl personality ptrace", "SCMP_ARCH_X86_64 SCMP_ARCH_X86 SCMP_ARCH_X32")]
    [InlineData("amd64", new[] { "CAP_SYS_ADMIN", "CAP_BPF" }, "read chown mount both arch_prctl personality ptrace", "SCMP_ARCH_X86_64 SCMP_ARCH_X86 SCMP_ARCH_X32")]
    public void Rules_count_for_the_capabilities_the_architecture_and_the_kernel_that_they_name(string architecture, string[] capabilities, string rules, string architectures)
    {
        Oci.Seccomp filter = Resolve(Conditions, architecture, capabilities);
        Assert.Equal(rules.Split(' '), filter.Syscalls!.Select(rule => rule.Names[0]));
        Assert.Equal(architectures.Split(' '), filter.Architectures!);
        Assert.Equal(1u, filter.DefaultErrnoRet);
    }

    [Fact]
    public void Names_of_errors_count_before_numbers()
    {
        Oci.Seccomp filter = Resolve("""{"defaultAction":"SCMP_ACT_ERRNO","defaultErrnoRet":1,"defaultErrno":"ENOSYS","syscalls":[{"names":["socket"],"action":"SCMP_ACT_ERRNO","errnoRet":1,"errno":"EINVAL"},{"names":["bpf"],"action":"SCMP_ACT_ERRNO","errnoRet":1,"errno":""}]}""", "amd64");
        Assert.Equal((38u, 22u, 1u), (filter.DefaultErrnoRet, filter.Syscalls![0].ErrnoRet, filter.Syscalls[1].ErrnoRet));
    }

    [Theory]
    [InlineData("""{"architectures":["SCMP_ARCH_X86_64"],"archMap":[{"architecture":"SCMP_ARCH_X86_64"}]}""", "both 'architectures' and 'archMap'")]
    [InlineData("""{"archMap":{}}""", "'archMap'")]
    [InlineData("""{"syscalls":[{"name":"read","names":["write"]}]}""", "both 'name' and 'names'")]
    [InlineData("""{"syscalls":[{"names":["read"],"includes":{"colour":["blue"]}}]}""", "'colour'")]
    [InlineData("""{"syscalls":[{"names":["read"],"includes":{"minKernel":"new"}}]}""", "'new'")]
    [InlineData("""{"syscalls":[{"names":["read"],"excludes":[]}]}""", "'excludes'")]
    [InlineData("""{"syscalls":[{"names":["read"],"errno":"EWHAT"}]}""", "'EWHAT'")]
    [InlineData("""{"syscalls":[7]}""", "a rule")]
    [InlineData("[]", "the profile")]
    public void What_is_not_of_that_form_is_refused_and_named(string profile, string word)
    {
        var error = Assert.Throws<ContainerException>(() => Resolve(profile, "amd64"));
        Assert.Equal(ContainerErrorKind.InvalidArgument, error.Kind);
        Assert.Contains(word, error.Message);
    }

    private static Oci.Seccomp Resolve(string profile, string architecture, params string[] capabilities)
    {
        using JsonDocument document = JsonDocument.Parse(profile);
        var bytes = new ArrayBufferWriter<byte>();
        using (Utf8JsonWriter json = new(bytes))
            new SeccompFile(architecture, new Version(6, 1, 112), CapabilitySet.FromNames(capabilities)).Resolve(document.RootElement, json);
        string spec = "{\"ociVersion\":\"1.2.0\",\"linux\":{\"seccomp\":" + Encoding.UTF8.GetString(bytes.WrittenSpan) + "}}";
        return SpecReader.Read(Encoding.UTF8.GetBytes(spec)).Linux!.Seccomp!;
    }
}

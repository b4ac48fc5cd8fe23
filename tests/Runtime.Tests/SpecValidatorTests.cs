using Rundlet.Linux;
using Rundlet.Oci;
using Rundlet.Runtime.Planning;

namespace Rundlet.Runtime.Tests;

public sealed class SpecValidatorTests
{
    [Fact]
    public void A_typical_spec_is_valid() => SpecValidator.Validate(TestSpecs.Typical());

    [Fact]
    public void The_default_spec_is_valid_for_root_and_rootless()
    {
        SpecValidator.Validate(DefaultSpec.Make(rootless: false, 0, 0));
        SpecValidator.Validate(DefaultSpec.Make(rootless: true, 1000, 1000));
    }

    public static TheoryData<string, string> Invalid => new()
    {
        { "no linux", "linux is missing" },
        { "no root", "root.path is missing" },
        { "empty root", "root.path is missing" },
        { "no process", "process is missing" },
        { "no args", "process.args must name a program" },
        { "empty args", "process.args must name a program" },
        { "empty program", "exec: \"\": executable file not found in $PATH" },
        { "relative cwd", "process.cwd must be an absolute path, not 'tmp'" },
        { "empty cwd", "process.cwd must be an absolute path, not ''" },
        { "unknown rlimit", "process.rlimits has the unknown type 'RLIMIT_NONE'" },
        { "rlimit twice", "process.rlimits has 'RLIMIT_CORE' twice" },
        { "rlimit upside down", "process.rlimits has a soft limit above the hard one for 'RLIMIT_CORE'" },
        { "oom score", "process.oomScoreAdj must lie between -1000 and 1000, not 1001" },
        { "env without =", "process.env must be NAME=value, not 'HOME'" },
        { "env without name", "process.env must be NAME=value, not '=x'" },
        { "uid -1", "process.user must not be 4294967295" },
        { "gid -1", "process.user must not be 4294967295" },
        { "gid -1 among the additional", "process.user.additionalGids must not hold 4294967295" },
        { "scheduler", "process.scheduler.policy has the unknown value 'SCHED_MOON'" },
        { "io priority", "process.ioPriority.class has the unknown value 'IOPRIO_CLASS_NONE'" },
        { "affinity", "process.execCPUAffinity.initial must be a list" },
        { "time offsets", "linux.timeOffsets needs a new time namespace" },
        { "personality", "linux.personality.domain has the unknown value 'MINIX'" },
        { "personality flag", "linux.personality.flags: the specification knows none, not 'X'" },
        { "memory policy", "linux.memoryPolicy.mode has the unknown value 'MPOL_MOON'" },
        { "memory policy with nodes too many", "linux.memoryPolicy.nodes must be empty for MPOL_LOCAL" },
        { "memory policy with nodes too few", "linux.memoryPolicy.nodes must not be empty for MPOL_BIND" },
        { "memory policy flags", "linux.memoryPolicy.flags has MPOL_F_STATIC_NODES and MPOL_F_RELATIVE_NODES" },
        { "net devices on the host's network", "linux.netDevices needs a network namespace" },
        { "net device name", "linux.netDevices has the impossible name 'a/b'" },
        { "net device names", "linux.netDevices has two devices that are 'eth0' in the container" },
        { "unmapped user", "process.user.uid 101 is not in linux.uidMappings" },
        { "seccomp metadata alone", "linux.seccomp.listenerMetadata needs a listenerPath" },
        { "seccomp rule without names", "linux.seccomp.syscalls has a rule without names" },
        { "relative hook", "hooks.poststop[0].path must be an absolute path, not 'true'" },
        { "unknown namespace", "linux.namespaces has the unknown type 'moon'" },
        { "namespace twice", "linux.namespaces has 'pid' twice" },
        { "relative namespace", "linux.namespaces has the relative path 'ns/pid'" },
        { "hostname without uts", "hostname needs a uts namespace" },
        { "long hostname", "hostname is longer than the 64 bytes" },
        { "domainname without uts", "domainname needs a uts namespace" },
        { "empty destination", "mounts has an empty destination" },
        { "relative mask", "linux.maskedPaths must hold absolute paths, not 'proc/kcore'" },
        { "relative read-only path", "linux.readonlyPaths must hold absolute paths, not ''" },
        { "propagation", "linux.rootfsPropagation has the unknown value 'loud'" },
        { "device type", "linux.devices has the unknown type 'x' for '/dev/x'" },
        { "relative device", "linux.devices must hold absolute paths, not 'dev/x'" },
        { "mapping without user namespace", "linux.uidMappings needs a user namespace" },
        { "user namespace without mapping", "linux.uidMappings and linux.gidMappings must each map at least one id" },
        { "empty mapping", "linux.uidMappings has the impossible range 0 1000 0" },
        { "wrapping mapping", "linux.uidMappings has the impossible range 0 4294967295 2" },
    };

    [Theory]
    [MemberData(nameof(Invalid))]
    public void A_wrong_spec_is_refused_by_the_name_of_the_member(string how, string message)
    {
        ContainerException refused = Assert.Throws<ContainerException>(() => SpecValidator.Validate(TestSpecs.Broken(how)));
        Assert.Equal(ContainerErrorKind.InvalidArgument, refused.Kind);
        Assert.StartsWith(message, refused.Message, StringComparison.Ordinal);
    }

    // What a build cannot do must stop it: skipping a security setting in silence would be worse than failing.
    public static TheoryData<string> NotYet =>
    [
        "no mount namespace",
    ];

    [Theory]
    [MemberData(nameof(NotYet))]
    public void What_is_not_supported_is_said(string how)
    {
        ContainerException refused = Assert.Throws<ContainerException>(() => SpecValidator.Validate(TestSpecs.Broken(how)));
        Assert.Equal(ContainerErrorKind.Unsupported, refused.Kind);
    }

    [Theory]
    [InlineData("web", true)]
    [InlineData("a.b_c+d-9", true)]
    [InlineData("...", true)]
    [InlineData("", false)]
    [InlineData(".", false)]
    [InlineData("..", false)]
    [InlineData("a/b", false)]
    [InlineData("a b", false)]
    [InlineData("ä", false)]
    [InlineData("a\n", false)]
    public void An_id_is_a_safe_folder_name(string id, bool valid)
    {
        Exception? thrown = Record.Exception(() => ContainerId.Validate(id));
        Assert.Equal(valid, thrown is null);
        if (thrown is not null)
            Assert.StartsWith("invalid container ID format", Assert.IsType<ContainerException>(thrown).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void An_id_may_be_as_long_as_a_folder_name()
    {
        ContainerId.Validate(new string('x', ContainerId.MaxLength));
        Assert.Throws<ContainerException>(() => ContainerId.Validate(new string('x', ContainerId.MaxLength + 1)));
    }
}

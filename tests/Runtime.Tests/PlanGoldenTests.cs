using System.Globalization;
using System.Reflection;
using System.Runtime.InteropServices;
using System.Text.RegularExpressions;
using Rundlet.Init;
using Rundlet.Linux;
using Rundlet.Oci;
using Rundlet.Runtime.Planning;
using Rundlet.Syscalls;

namespace Rundlet.Runtime.Tests;

/// <summary>
/// The plan of a typical spec against a golden file, with names for system calls and without the numbers of fds. A
/// change of the order in which a container is put together shows in review. To accept one, copy the file that the
/// failure names over the golden one.
/// </summary>
public sealed partial class PlanGoldenTests
{
    private const int Line = 1000; // never used: nothing is cloned here
    private static readonly OwnedFd s_root = new(1001); // as above

    [Fact]
    public void A_typical_spec_on_cgroup_v1() => Compare("typical-v1.txt", TestSpecs.Typical(), unified: false);

    [Fact]
    public void A_typical_spec_on_cgroup_v2() => Compare("typical-v2.txt", TestSpecs.Typical(), unified: true);

    [Fact]
    public void A_terminal_in_a_user_namespace()
    {
        Spec spec = TestSpecs.Typical();
        spec.Process!.Terminal = true;
        spec.Process.NoNewPrivileges = false;
        spec.Linux!.Namespaces!.Add(new() { Type = "user" });
        spec.Linux.UidMappings = spec.Linux.GidMappings = [new() { ContainerId = 0, HostId = 100000, Size = 65536 }];
        Compare("user-terminal.txt", spec, unified: true);
    }

    [Fact]
    public void The_program_is_executed_last_and_only_after_the_gate()
    {
        using ContainerPlanner planner = new(Inputs(TestSpecs.Typical(), unified: true));
        using InitPlanBlock block = planner.Build();
        Assert.Equal(OpCode.Checkpoint, block.CodeOf(planner.ReadyCheckpoint));
        Assert.Equal(OpCode.Await, block.CodeOf(planner.ReadyCheckpoint + 1));
        Assert.Equal(OpCode.Execute, block.CodeOf(block.Describe().Count(c => c == '\n') - 1));
        Assert.Equal(CLONE.NEWPID, planner.CloneFlags);
        Assert.False(planner.AwaitsMaps);
        Assert.Null(planner.PidNamespace);
    }

    [Fact]
    public void Hooks_stand_before_the_masks_and_before_the_program()
    {
        Spec spec = TestSpecs.Typical();
        Hook hook = new() { Path = "/hook" };
        spec.Hooks = new Hooks { CreateRuntime = [hook], CreateContainer = [hook], StartContainer = [hook, hook] };
        using InnerHooks inner = new(ContainerHooks.Of(new CreateRequest { Id = "web", Bundle = "/bundle", Spec = spec })!);
        PlanInputs inputs = Inputs(spec, unified: true, inner);
        using ContainerPlanner planner = new(inputs);
        using InitPlanBlock block = planner.Build();
        string[] ops = block.Describe().Split('\n');
        int First(string text) => Array.FindIndex(ops, op => op.Contains(text, StringComparison.Ordinal));
        Assert.True(First("RunHook") is var create && create > planner.HookCheckpoint && create < First("mask '/proc/kcore'") && create < First("pivot_root"));
        Assert.Equal(3, inner.StartOps.Count);
        Assert.Equal(OpCode.RunHook, block.CodeOf(inner.StartOps[0]));
        Assert.Equal(OpCode.RunHook, block.CodeOf(inner.StartOps[1]));
        Assert.True(inner.StartOps[0] > planner.ReadyCheckpoint && inner.StartOps[2] < ops.Length - 2);
        Assert.Equal(OpCode.Checkpoint, block.CodeOf(inner.StartOps[2]));
    }

    private static void Compare(string golden, Spec spec, bool unified)
    {
        if (RuntimeInformation.ProcessArchitecture != Architecture.X64)
            Assert.Skip("the golden plans have the open(2) flags of x86_64");
        SpecValidator.Validate(spec);
        using ContainerPlanner planner = new(Inputs(spec, unified));
        using InitPlanBlock block = planner.Build();
        string actual = Readable(block.Describe());
        string path = Path.Combine(AppContext.BaseDirectory, "Golden", golden);
        string written = $"{path}.new"; // beside it in the build's output
        if (File.Exists(path) && File.ReadAllText(path) == actual)
            return;
        File.WriteAllText(written, actual);
        Assert.Fail($"the plan differs from Golden/{golden}; the new one is {written}");
    }

    private static PlanInputs Inputs(Spec spec, bool unified, InnerHooks? hooks = null) => new()
    {
        Hooks = hooks,
        AwaitsHooks = hooks is not null,
        Spec = spec,
        Id = "web",
        RootPath = "/bundle/rootfs",
        RootMount = s_root,
        Bundle = "/bundle",
        Line = Line,
        Cgroups = unified
            ? new CgroupMountSource(true, [("unified", ["cgroup2"], "/sys/fs/cgroup/web")], true)
            : new CgroupMountSource(false, [("cpu,cpuacct", ["cpu", "cpuacct"], "/sys/fs/cgroup/cpu/web"), ("systemd", ["name=systemd"], "/sys/fs/cgroup/systemd/web")], true),
        SeccompProgram = new byte[16],
    };

    // The fd of a bind source and the capabilities of whoever runs the test are not the plan's. Numbers of ops, slots and
    // labels are left out, or one more op would change every line behind it.
    private static string Readable(string text)
    {
        text = CallNumber().Replace(text, match => s_names[int.Parse(match.Groups[1].Value, CultureInfo.InvariantCulture)]);
        text = MovedFd().Replace(text, "move_mount(FD,");
        text = Number().Replace(text, "");
        text = Slot().Replace(text, "$$");
        text = Label().Replace(text, "$1(LABEL");
        return KeptCapabilities().Replace(text, "DropBoundingSet(");
    }

    private static readonly Dictionary<int, string> s_names = typeof(SYS).GetFields(BindingFlags.Public | BindingFlags.Static)
        .Where(field => field.IsLiteral && field.FieldType == typeof(int))
        .ToDictionary(field => (int)field.GetRawConstantValue()!, field => field.Name);

    [GeneratedRegex(@"call (\d+)")]
    private static partial Regex CallNumber();

    [GeneratedRegex(@"^ *\d+ ", RegexOptions.Multiline)]
    private static partial Regex Number();

    [GeneratedRegex(@"\$\d+")]
    private static partial Regex Slot();

    [GeneratedRegex(@"(Jump|JumpIfSet)\(\d+")]
    private static partial Regex Label();

    [GeneratedRegex(@"move_mount\(\d+,")]
    private static partial Regex MovedFd();

    [GeneratedRegex(@"DropBoundingSet\(\d+, ")]
    private static partial Regex KeptCapabilities();
}

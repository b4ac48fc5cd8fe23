using System.Diagnostics;
using Rundlet.Linux.Capabilities;
using Rundlet.Linux.Seccomp;
using Rundlet.Syscalls;

namespace Rundlet.Linux.Tests.Seccomp;

public class SeccompCompilerTests
{
    private static readonly uint[] s_strangeNumbers = [0xf0001, 0xf0002, 0xf0005, 0xf0006, 0x3fff_ffff, 0x4000_0000, 0x4000_0001, 0x4000_0223, 0x7fff_ffff, 0x8000_0000, 0xffff_fffe, 0xffff_ffff];

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    [InlineData(4)]
    public void Program_says_what_the_profile_means_for_every_number_and_architecture(int seed)
    {
        var random = new Random(seed);
        for (int round = 0; round < 12; round++)
        {
            SeccompProfile profile = RandomProfiles.Make(random);
            SeccompArchitecture native = random.Next(2) == 0 ? SeccompArchitecture.X86_64 : SeccompArchitecture.Aarch64;
            AssertMeaning(profile, native, random);
        }
    }

    [Fact]
    public void Default_profile_says_what_it_means_with_and_without_capabilities()
    {
        var random = new Random(5);
        foreach (CapabilitySet capabilities in (CapabilitySet[])[CapabilitySet.None, CapabilitySet.AllKnown])
        {
            AssertMeaning(DefaultSeccompProfile.For(capabilities, SeccompArchitecture.X86_64), SeccompArchitecture.X86_64, random);
            AssertMeaning(DefaultSeccompProfile.For(capabilities, SeccompArchitecture.Aarch64), SeccompArchitecture.Aarch64, random);
        }
    }

    [Theory]
    [InlineData(1UL, true)]
    [InlineData(2UL, true)]
    [InlineData(38UL, false)]
    [InlineData(39UL, true)]
    [InlineData(40UL, false)]
    [InlineData(45UL, true)]
    [InlineData(0x1_0000_0026UL, false)]
    [InlineData(0xffff_ffff_0000_0028UL, false)]
    public void Default_profile_keeps_two_socket_families_away_however_the_register_is_filled(ulong family, bool allowed)
    {
        SeccompProgram program = SeccompCompiler.Compile(DefaultSeccompProfile.For(CapabilitySet.None, SeccompArchitecture.X86_64), SeccompArchitecture.X86_64);
        uint answer = BpfInterpreter.Run(program.Filter, 0xC000_003E, 41, [family, 0, 0, 0, 0, 0]);
        Assert.Equal(allowed ? 0x7fff_0000u : 0x5_0001u, answer);
        uint multiplexed = BpfInterpreter.Run(program.Filter, 0x4000_0003, 102, [1, 0, 0, 0, 0, 0]);
        Assert.Equal(0x5_0001u, multiplexed);
        uint connect = BpfInterpreter.Run(program.Filter, 0x4000_0003, 102, [3, 0, 0, 0, 0, 0]);
        Assert.Equal(0x7fff_0000u, connect);
    }

    [Theory]
    [InlineData("clone", 0UL, 0x7fff_0000u)]
    [InlineData("clone", 0x1200011UL, 0x7fff_0000u)]
    [InlineData("clone", 0x10000000UL, 0x5_0001u)]
    [InlineData("clone3", 0UL, 0x5_0026u)]
    [InlineData("mount", 0UL, 0x5_0001u)]
    [InlineData("io_uring_setup", 0UL, 0x5_0001u)]
    public void Default_profile_without_capabilities_lets_no_namespace_be_made(string name, ulong first, uint expected)
    {
        int[] numbers = new int[SyscallTable.Columns];
        Assert.True(SyscallTable.TryFind(name, numbers));
        SeccompProgram program = SeccompCompiler.Compile(DefaultSeccompProfile.For(CapabilitySet.None, SeccompArchitecture.X86_64), SeccompArchitecture.X86_64);
        Assert.Equal(expected, BpfInterpreter.Run(program.Filter, 0xC000_003E, (uint)numbers[0], [first, 0, 0, 0, 0, 0]));
    }

    [Fact]
    public void Calls_of_the_future_fail_with_ENOSYS_where_the_default_is_to_refuse()
    {
        var profile = new SeccompProfile
        {
            DefaultAction = SeccompAction.Errno,
            Rules = [new SeccompRule { Names = ["read", "openat2"], Action = SeccompAction.Allow }],
        };
        SeccompProgram program = SeccompCompiler.Compile(profile, SeccompArchitecture.X86_64);
        Assert.Equal(0x5_0001u, BpfInterpreter.Run(program.Filter, 0xC000_003E, 436, new ulong[6]));
        Assert.Equal(0x7fff_0000u, BpfInterpreter.Run(program.Filter, 0xC000_003E, 437, new ulong[6]));
        Assert.Equal(0x5_0026u, BpfInterpreter.Run(program.Filter, 0xC000_003E, 438, new ulong[6]));
    }

    [Theory]
    [InlineData(SeccompAction.Errno, true)]
    [InlineData(SeccompAction.KillProcess, true)]
    [InlineData(SeccompAction.Notify, true)]
    [InlineData(SeccompAction.Log, false)]
    public void A_rule_that_restricts_a_call_of_the_future_restricts_all_of_them(SeccompAction action, bool restricts)
    {
        var profile = new SeccompProfile { DefaultAction = SeccompAction.Allow, Rules = [new SeccompRule { Names = ["call_of_2030"], Action = action }] };
        SeccompProgram program = SeccompCompiler.Compile(profile, SeccompArchitecture.X86_64);
        int newest = SyscallTable.LastOf(SeccompArchitecture.X86_64);
        Assert.Equal(0x7fff_0000u, BpfInterpreter.Run(program.Filter, 0xC000_003E, (uint)newest, new ulong[6]));
        Assert.Equal(restricts ? 0x5_0026u : 0x7fff_0000u, BpfInterpreter.Run(program.Filter, 0xC000_003E, (uint)newest + 1, new ulong[6]));
        Assert.Equal(0x7fff_0000u, BpfInterpreter.Run(program.Filter, 0xC000_003E, 0, new ulong[6]));
    }

    [Fact]
    public void The_last_number_of_each_architecture_is_the_tables()
    {
        int[] numbers = new int[SyscallTable.Columns], last = new int[SyscallTable.Columns];
        foreach (string name in SyscallTable.Names())
        {
            Assert.True(SyscallTable.TryFind(name, numbers));
            for (int i = 0; i < last.Length; i++)
                last[i] = numbers[i] < 1024 ? Math.Max(last[i], numbers[i]) : last[i];
        }
        Assert.Equal(last, Enum.GetValues<SeccompArchitecture>().Select(SyscallTable.LastOf));
    }

    [Fact]
    public void Long_jumps_reach_over_many_conditions()
    {
        string[] names = SyscallTable.Names().ToArray();
        var rules = new List<SeccompRule>();
        for (int i = 0; i < 150; i++)
            rules.Add(new SeccompRule { Names = [names[3 * i]], Action = i % 2 == 0 ? SeccompAction.Allow : SeccompAction.Trap, Arguments = [new(0, (ulong)i << 32, 0, SeccompOperator.LessOrEqual), new(1, 7, 0, SeccompOperator.NotEqual)] });
        AssertMeaning(new SeccompProfile { DefaultAction = SeccompAction.Errno, Rules = rules }, SeccompArchitecture.X86_64, new Random(9));
    }

    [Fact]
    public void A_profile_beyond_what_the_kernel_takes_is_refused_with_both_numbers()
    {
        var rule = new SeccompRule { Names = ["read"], Action = SeccompAction.Allow, Arguments = [new(0, 1, 0, SeccompOperator.Equal)] };
        ContainerException refused = Assert.Throws<ContainerException>(() => SeccompCompiler.Compile(
            new SeccompProfile { DefaultAction = SeccompAction.Errno, Rules = Enumerable.Repeat(rule, 1500).ToList() }, SeccompArchitecture.X86_64));
        Assert.Equal(ContainerErrorKind.InvalidArgument, refused.Kind);
        Assert.Matches("^seccomp profile: needs [0-9]+ instructions, the kernel takes 4096 at most$", refused.Message);
    }

    [Theory]
    [InlineData(SeccompAction.Allow, 5u, 0u, "read")]
    [InlineData(SeccompAction.Errno, 5000u, 0u, "read")]
    [InlineData(SeccompAction.Errno, 1u, 6u, "read")]
    [InlineData(SeccompAction.Notify, null, 0u, "write")]
    public void Impossible_rules_are_refused(SeccompAction action, uint? errno, uint index, string name)
    {
        var rule = new SeccompRule { Names = [name], Action = action, ErrnoReturn = errno, Arguments = [new(index, 0, 0, SeccompOperator.Equal)] };
        var profile = new SeccompProfile { DefaultAction = SeccompAction.Trap, Rules = [rule] };
        Assert.Equal(ContainerErrorKind.InvalidArgument, Assert.Throws<ContainerException>(() => SeccompCompiler.Compile(profile)).Kind);
    }

    [Fact]
    public void Every_action_of_the_kernel_is_known_here()
    {
        string file = "/proc/sys/kernel/seccomp/actions_avail";
        if (!File.Exists(file))
            Assert.Skip($"no {file}");
        string[] kernel = File.ReadAllText(file).Split((char[])[' ', '\n'], StringSplitOptions.RemoveEmptyEntries);
        Assert.Equal(kernel.Length, SeccompActions.Available().Count);
        Assert.NotEqual(0u, SeccompActions.AvailableFlags() & SECCOMP.FILTER_FLAG_LOG);
    }

    private static void AssertMeaning(SeccompProfile profile, SeccompArchitecture native, Random random)
    {
        SeccompProgram program = SeccompCompiler.Compile(profile, native);
        ulong[] arguments = new ulong[6];
        foreach (SeccompArchitecture architecture in Enum.GetValues<SeccompArchitecture>())
        {
            var meaning = new ProfileMeaning(profile, architecture);
            var meaningOfX32 = new ProfileMeaning(profile, SeccompArchitecture.X32);
            var meaningOfX86_64 = new ProfileMeaning(profile, SeccompArchitecture.X86_64);
            bool covered = architecture == native || profile.Architectures.Contains(architecture);
            for (uint number = 0; number < 1024 + s_strangeNumbers.Length; number++)
            {
                uint actual = number < 1024 ? number : s_strangeNumbers[number - 1024];
                for (int i = 0; i < 6; i++)
                    arguments[i] = RandomProfiles.Value(random);
                if (architecture == SeccompArchitecture.X32)
                    actual |= 0x4000_0000;
                bool isX32 = architecture is SeccompArchitecture.X86_64 or SeccompArchitecture.X32 && actual >= 0x4000_0000;
                uint expected;
                if (isX32 && (profile.Architectures.Contains(SeccompArchitecture.X32) || native == SeccompArchitecture.X32))
                    expected = meaningOfX32.Of(actual - 0x4000_0000, arguments);
                else if (isX32 && !(actual == uint.MaxValue && (native == SeccompArchitecture.X86_64 || profile.Architectures.Contains(SeccompArchitecture.X86_64))))
                    expected = ProfileMeaning.KillProcess;
                else if (!isX32 && !covered)
                    expected = ProfileMeaning.KillProcess;
                else
                    expected = (isX32 ? meaningOfX86_64 : meaning).Of(actual, arguments);
                uint answer = BpfInterpreter.Run(program.Filter, ProfileMeaning.MarkOf(architecture), actual, arguments);
                Assert.True(expected == answer, $"{architecture} {actual:x}: 0x{answer:x} for 0x{expected:x}");
            }
        }
    }
}

using Rundlet.Linux.Cgroups;
using Rundlet.Linux.Cgroups.Controllers;

namespace Rundlet.Linux.Tests.Cgroups;

public class DeviceRuleTests
{
    [Fact]
    public void The_program_of_v2_lets_the_last_rule_that_matches_decide_for_each_access()
    {
        var random = new Random(1);
        for (int round = 0; round < 300; round++)
        {
            List<DeviceAccessRule> rules = RandomRules(random);
            ulong[] program = DeviceProgram.Compile(rules);
            foreach ((DeviceType type, uint major, uint minor, DeviceAccess access) in Requests())
                Assert.Equal(Meaning(rules, type, major, minor, access), RunProgram(program, type, major, minor, access));
        }
    }

    [Fact]
    public void The_lists_of_v1_say_the_same_or_refuse()
    {
        var random = new Random(2);
        int said = 0;
        for (int round = 0; round < 2000; round++)
        {
            List<DeviceAccessRule> rules = RandomRules(random);
            DeviceRulesV1 plan;
            try
            {
                plan = DeviceRulesV1.From(rules);
            }
            catch (ContainerException refused) when (refused.Kind == ContainerErrorKind.Unsupported)
            {
                continue;
            }
            said++;
            foreach ((DeviceType type, uint major, uint minor, DeviceAccess access) in Requests())
            {
                bool meant = Meaning(rules, type, major, minor, access), kernel = RunV1(plan, type, major, minor, access);
                // Two exceptions do not add up in v1: a request for more than one access may be refused, never let through.
                if (access is DeviceAccess.Read or DeviceAccess.Write or DeviceAccess.Mknod)
                    Assert.Equal(meant, kernel);
                else
                    Assert.True(meant || !kernel);
            }
        }
        Assert.InRange(said, 200, 1999);
    }

    [Fact]
    public void A_hole_in_a_wildcard_names_both_rules()
    {
        ContainerException refused = Assert.Throws<ContainerException>(() => DeviceRulesV1.From(
        [
            new(true, DeviceType.Character, 1, null, DeviceAccess.All),
            new(false, DeviceType.Character, 1, 3, DeviceAccess.Write),
        ]));
        Assert.Equal("device rule 'deny c 1:3 w': cgroup v1 cannot take a part out of the earlier 'allow c 1:* rwm'", refused.Message);
    }

    [Theory]
    [InlineData("", DeviceAccess.All)]
    [InlineData("rw", DeviceAccess.Read | DeviceAccess.Write)]
    [InlineData("m", DeviceAccess.Mknod)]
    public void Letters_of_access(string letters, DeviceAccess access) => Assert.Equal(access, DeviceAccessRule.ParseAccess(letters));

    [Fact]
    public void Other_letters_are_refused() => Assert.Throws<ContainerException>(() => DeviceAccessRule.ParseAccess("rx"));

    private static List<DeviceAccessRule> RandomRules(Random random)
    {
        var rules = new List<DeviceAccessRule>();
        for (int i = random.Next(0, 7); i > 0; i--)
        {
            rules.Add(random.Next(5) == 0
                ? new DeviceAccessRule(random.Next(2) == 0, DeviceType.Any, null, null, DeviceAccess.All)
                : new DeviceAccessRule(random.Next(2) == 0, (DeviceType)random.Next(3), Number(random), Number(random), (DeviceAccess)random.Next(1, 8)));
        }
        return rules;
    }

    private static uint? Number(Random random) => random.Next(4) switch { 0 => null, 1 => 0x8000_0001, var n => (uint)n };

    private static IEnumerable<(DeviceType Type, uint Major, uint Minor, DeviceAccess Access)> Requests()
    {
        foreach (DeviceType type in (DeviceType[])[DeviceType.Block, DeviceType.Character])
        {
            foreach (uint major in (uint[])[2, 3, 0x8000_0001])
            {
                foreach (uint minor in (uint[])[2, 3, 0x8000_0001])
                {
                    for (int access = 1; access < 8; access++)
                        yield return (type, major, minor, (DeviceAccess)access);
                }
            }
        }
    }

    private static bool Meaning(List<DeviceAccessRule> rules, DeviceType type, uint major, uint minor, DeviceAccess access)
    {
        foreach (DeviceAccess bit in (DeviceAccess[])[DeviceAccess.Mknod, DeviceAccess.Read, DeviceAccess.Write])
        {
            bool allowed = false;
            foreach (DeviceAccessRule rule in rules)
            {
                if ((rule.Access & bit) != 0 && rule.Type is DeviceType.Any || rule.Type == type)
                {
                    if ((rule.Access & bit) != 0 && (rule.Major ?? major) == major && (rule.Minor ?? minor) == minor)
                        allowed = rule.Allow;
                }
            }
            if ((access & bit) != 0 && !allowed)
                return false;
        }
        return true;
    }

    /// <summary>As __devcgroup_check_permission of the kernel does it.</summary>
    private static bool RunV1(DeviceRulesV1 plan, DeviceType type, uint major, uint minor, DeviceAccess access)
    {
        bool Matches(DeviceAccessRule rule) => rule.Type == type && (rule.Major ?? major) == major && (rule.Minor ?? minor) == minor;
        return plan.AllowsByDefault
            ? !plan.Exceptions.Any(rule => Matches(rule) && (rule.Access & access) != 0)
            : plan.Exceptions.Any(rule => Matches(rule) && (access & ~rule.Access) == 0);
    }

    /// <summary>Runs the few instructions of eBPF that the program is made of.</summary>
    private static bool RunProgram(ulong[] program, DeviceType type, uint major, uint minor, DeviceAccess access)
    {
        uint[] context = [(uint)access << 16 | (type == DeviceType.Block ? 1u : 2u), major, minor];
        var registers = new ulong[11];
        for (int at = 0; ; at++)
        {
            ulong one = program[at];
            ref ulong destination = ref registers[one >> 8 & 15];
            short offset = (short)(one >> 16);
            uint immediate = (uint)(one >> 32);
            switch ((byte)one)
            {
                case 0x61: destination = context[offset / 4]; break;
                case 0x54: destination = (uint)destination & immediate; break;
                case 0x74: destination = (uint)destination >> (int)immediate; break;
                case 0xb7: destination = immediate; break;
                case 0x05: at += offset; break;
                case 0x56: at += (uint)destination != immediate ? offset : 0; break;
                case 0x46: at += ((uint)destination & immediate) != 0 ? offset : 0; break;
                case 0x95: return registers[0] == 1;
                default: throw new InvalidOperationException($"instruction {at} is 0x{one:x}");
            }
        }
    }
}

using Rundlet.Linux.Seccomp;

namespace Rundlet.Linux.Tests.Seccomp;

/// <summary>Profiles by seed, so that a failure can be had again.</summary>
internal static class RandomProfiles
{
    private static readonly string[] s_names = SyscallTable.Names().ToArray();

    public static readonly ulong[] InterestingValues =
        [0, 1, 2, 38, 40, 0xffff, 0x7fff_ffff, 0x8000_0000, 0xffff_ffff, 0x1_0000_0000, 0x1_0000_0026, 0xffff_ffff_0000_0000, ulong.MaxValue];

    public static SeccompProfile Make(Random random, bool single = false)
    {
        var rules = new List<SeccompRule>();
        int count = random.Next(1, 40);
        for (int i = 0; i < count; i++)
        {
            SeccompAction action = (SeccompAction)random.Next(0, 7);
            var names = new List<string>();
            for (int j = random.Next(1, random.Next(2, 30)); j > 0; j--)
                names.Add(random.Next(20) == 0 ? "no_such_call" : s_names[random.Next(s_names.Length)]);
            var arguments = new List<SeccompArgument>();
            for (int j = random.Next(4) == 0 ? random.Next(1, 4) : 0; j > 0; j--)
                arguments.Add(Argument(random));
            rules.Add(new SeccompRule
            {
                Names = names,
                Action = action,
                ErrnoReturn = action == SeccompAction.Errno && random.Next(2) == 0 ? (uint)random.Next(1, 134) : null,
                Arguments = arguments,
            });
        }
        return new SeccompProfile
        {
            DefaultAction = (SeccompAction)random.Next(0, 7),
            Architectures = single ? [] : Enum.GetValues<SeccompArchitecture>().Where(_ => random.Next(2) == 0).ToArray(),
            Rules = rules,
        };
    }

    public static ulong Value(Random random) => InterestingValues[random.Next(InterestingValues.Length)];

    private static SeccompArgument Argument(Random random) =>
        new((uint)random.Next(6), Value(random), Value(random), (SeccompOperator)random.Next(7));
}

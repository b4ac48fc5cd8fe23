using Rundlet.Linux.Capabilities;
using Rundlet.Syscalls;

namespace Rundlet.Linux.Seccomp;

/// <summary>
/// The profile of a container that asked for none: everything fails with EPERM, except for what ordinary programs
/// need and what the container's capabilities are for. Of the same reach as Docker's.
/// </summary>
public static partial class DefaultSeccompProfile
{
    private const int AF_ALG = 38, AF_VSOCK = 40;

    /// <summary>The namespace flags of clone(2): <c>CLONE_NEWNS</c>, <c>NEWCGROUP</c>, <c>NEWUTS</c>, <c>NEWIPC</c>, <c>NEWUSER</c>, <c>NEWPID</c>, <c>NEWNET</c>.</summary>
    private const ulong NamespaceFlags = 0x7E02_0000;

    /// <summary>Puts it together.</summary>
    /// <param name="capabilities">The container's bounding set.</param>
    /// <param name="native">The machine's architecture; its 32-bit relatives are covered too.</param>
    public static SeccompProfile For(CapabilitySet capabilities, SeccompArchitecture native)
    {
        bool arm = native is SeccompArchitecture.Aarch64 or SeccompArchitecture.Arm;
        var rules = new List<SeccompRule>(48) { Allow(Everyone), Allow(arm ? OnArm : OnX86) };
        AddSockets(rules);
        AddPersonalities(rules);
        foreach ((uint capability, string[] names) in ByCapability)
        {
            if (capabilities.Contains(capability))
                rules.Add(Allow(names));
        }
        if (!capabilities.Contains(CAP.SYS_ADMIN))
        {
            rules.Add(Allow(["clone"], new SeccompArgument(0, NamespaceFlags, 0, SeccompOperator.MaskedEqual)));
            // Its flags are in memory, where a filter cannot look. ENOSYS makes C libraries take clone(2).
            rules.Add(new SeccompRule { Names = ["clone3"], Action = SeccompAction.Errno, ErrnoReturn = (uint)Errno.ENOSYS });
        }
        return new SeccompProfile
        {
            DefaultAction = SeccompAction.Errno,
            DefaultErrnoReturn = (uint)Errno.EPERM,
            Architectures = arm
                ? [SeccompArchitecture.Aarch64, SeccompArchitecture.Arm]
                : [SeccompArchitecture.X86_64, SeccompArchitecture.X86, SeccompArchitecture.X32],
            Rules = rules,
        };
    }

    /// <summary>
    /// Sockets of all families but two: AF_VSOCK, which reaches the host of a virtual machine, and AF_ALG, kernel crypto
    /// that has been a way out (CVE-2026-31431). The kernel looks at the low 32 bits of the family only, so the rules must
    /// too: comparing all 64, one could pass 38 with a bit set far above. Families are cut into blocks that a mask can tell.
    /// </summary>
    private static void AddSockets(List<SeccompRule> rules)
    {
        for (int family = 0; family < 64;)
        {
            int size = 1;
            while (family % (2 * size) == 0 && !Overlaps(family, 2 * size, AF_ALG) && !Overlaps(family, 2 * size, AF_VSOCK) && 2 * size <= 32)
                size *= 2;
            if (!Overlaps(family, size, AF_ALG) && !Overlaps(family, size, AF_VSOCK))
                rules.Add(Allow(["socket"], new SeccompArgument(0, uint.MaxValue & ~(ulong)(size - 1), (ulong)family, SeccompOperator.MaskedEqual)));
            family += size;
        }
    }

    private static bool Overlaps(int start, int size, int one) => one >= start && one < start + size;

    /// <summary>personality(2): the usual one, 32-bit uname, both with the 2.6 version, and asking.</summary>
    private static void AddPersonalities(List<SeccompRule> rules)
    {
        foreach (uint personality in (ReadOnlySpan<uint>)[0, 0x8, 0x2_0000, 0x2_0008, 0xFFFF_FFFF])
            rules.Add(Allow(["personality"], new SeccompArgument(0, personality, 0, SeccompOperator.Equal)));
    }

    private static SeccompRule Allow(string[] names) => new() { Names = names, Action = SeccompAction.Allow };

    private static SeccompRule Allow(string[] names, SeccompArgument argument) =>
        new() { Names = names, Action = SeccompAction.Allow, Arguments = [argument] };
}

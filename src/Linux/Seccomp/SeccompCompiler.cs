using System.Runtime.InteropServices;
using Rundlet.Syscalls;

namespace Rundlet.Linux.Seccomp;

/// <summary>
/// Turns a profile into a program of classic BPF. The program looks at the architecture, then finds the call's number
/// in a balanced tree of ranges with one answer each, then, where rules have conditions, looks at arguments.
/// </summary>
/// <remarks>
/// As in runc, calls above the highest number that the profile names fail with ENOSYS where the default is to refuse:
/// a C library then falls back to an older call instead of giving up. As in libseccomp, i386's <c>socketcall</c> and
/// <c>ipc</c> follow the rules of the calls they stand for; a rule that allows under conditions does not extend to them,
/// because there the arguments cannot be seen. Names that no architecture has are passed over, as in runc and crun: profiles are
/// written for newer kernels. Where such a rule would restrict what is let through otherwise, it does: all calls that are newer
/// than the table fail with ENOSYS, for one of them may be meant.
/// </remarks>
public static class SeccompCompiler
{
    /// <summary>The most instructions that the kernel takes (<c>BPF_MAXINSNS</c>).</summary>
    public const int MostInstructions = 4096;

    private const int NumberOffset = 0, ArchitectureOffset = 4;
    private const uint X32Bit = 0x4000_0000;

    /// <summary>What this process runs on.</summary>
    public static SeccompArchitecture NativeArchitecture =>
        RuntimeInformation.ProcessArchitecture == Architecture.Arm64 ? SeccompArchitecture.Aarch64 : SeccompArchitecture.X86_64;

    /// <summary>Compiles for this machine.</summary>
    /// <inheritdoc cref="Compile(SeccompProfile, SeccompArchitecture)"/>
    public static SeccompProgram Compile(SeccompProfile profile) => Compile(profile, NativeArchitecture);

    /// <summary>Compiles.</summary>
    /// <param name="profile">The profile.</param>
    /// <param name="native">The architecture that is always covered, whether the profile names it or not.</param>
    /// <exception cref="ContainerException"><c>InvalidArgument</c>: something in the profile cannot be, or it is too large.</exception>
    public static SeccompProgram Compile(SeccompProfile profile, SeccompArchitecture native)
    {
        SeccompAnswers answers = new(profile);
        SeccompTable?[] tables = new SeccompTable?[SyscallTable.Columns];
        tables[(int)native] = new SeccompTable(native, profile, answers);
        foreach (SeccompArchitecture architecture in profile.Architectures)
            tables[(int)architecture] ??= new SeccompTable(architecture, profile, answers);
        AddRules(profile, answers, tables);

        var code = new BpfBuilder();
        int entry = code.Answer(SECCOMP.RET_KILL_PROCESS);
        // The native one is asked for first, so it is written last.
        for (int i = 0; i < tables.Length; i++)
        {
            if (i != (int)FamilyOf(native))
                entry = WriteFamily(code, tables, (SeccompArchitecture)i, entry);
        }
        entry = WriteFamily(code, tables, FamilyOf(native), entry);
        code.FallInto(entry);
        code.Load(ArchitectureOffset);

        byte[] filter = code.ToBytes();
        if (filter.Length / 8 > MostInstructions)
        {
            throw new ContainerException(
                ContainerErrorKind.InvalidArgument,
                $"seccomp profile: needs {filter.Length / 8} instructions, the kernel takes {MostInstructions} at most");
        }
        return new SeccompProgram(filter, profile.Flags, answers.Notifies);
    }

    private static void AddRules(SeccompProfile profile, SeccompAnswers answers, SeccompTable?[] tables)
    {
        Span<int> numbers = stackalloc int[SyscallTable.Columns];
        SeccompTable? x86 = tables[(int)SeccompArchitecture.X86];
        ReadOnlySpan<SeccompRule> rules = profile.RuleSpan;
        for (int rule = 0; rule < rules.Length; rule++)
        {
            bool isDefault = answers.IsDefault(rule);
            foreach (string name in rules[rule].NameSpan)
            {
                if (rules[rule].Action == SeccompAction.Notify && name == "write")
                    throw new ContainerException(ContainerErrorKind.InvalidArgument, "seccomp rule: 'write' cannot be notified, its listener could never be told");
                if (SyscallTable.TryFind(name, numbers))
                {
                    foreach (SeccompTable? table in tables)
                    {
                        if (table is not null && numbers[(int)table.Architecture] >= 0)
                            table.Add(numbers[(int)table.Architecture], rule, isDefault);
                    }
                }
                else if (answers.LetsThrough && !isDefault && rules[rule].Action is not (SeccompAction.Allow or SeccompAction.Log))
                {
                    foreach (SeccompTable? table in tables)
                        table?.RefuseNewer();
                }
                if (!isDefault)
                    x86?.AddMultiplexed(name, rule);
            }
        }
    }

    /// <summary>x32 calls come under the mark of x86_64, so that both are one branch.</summary>
    private static SeccompArchitecture FamilyOf(SeccompArchitecture architecture) =>
        architecture == SeccompArchitecture.X32 ? SeccompArchitecture.X86_64 : architecture;

    /// <summary>Writes a branch for one mark of an architecture, in front of the branch for others.</summary>
    private static int WriteFamily(BpfBuilder code, SeccompTable?[] tables, SeccompArchitecture family, int otherwise)
    {
        SeccompTable? table = tables[(int)family];
        SeccompTable? x32 = family == SeccompArchitecture.X86_64 ? tables[(int)SeccompArchitecture.X32] : null;
        if (family == SeccompArchitecture.X32 || (table is null && x32 is null))
            return otherwise;

        int start = table?.Write(code) ?? code.Answer(SECCOMP.RET_KILL_PROCESS);
        if (family == SeccompArchitecture.X86_64)
        {
            // -1 is what a tracer puts there to skip a call; it is not one of x32.
            int above = x32?.Write(code, X32Bit) ?? code.IfEqual(uint.MaxValue, start, code.Answer(SECCOMP.RET_KILL_PROCESS));
            start = code.IfGreaterOrEqual(X32Bit, above, start);
        }
        else
        {
            code.FallInto(start);
        }
        int load = code.Load(NumberOffset);
        return code.IfEqual(MarkOf(family), load, otherwise);
    }

    /// <summary><c>AUDIT_ARCH_*</c> of linux/audit.h.</summary>
    internal static uint MarkOf(SeccompArchitecture architecture) => architecture switch
    {
        SeccompArchitecture.X86 => 0x4000_0003,
        SeccompArchitecture.Aarch64 => 0xC000_00B7,
        SeccompArchitecture.Arm => 0x4000_0028,
        _ => 0xC000_003E,
    };
}

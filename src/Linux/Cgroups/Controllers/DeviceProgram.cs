using Rundlet.Syscalls;

namespace Rundlet.Linux.Cgroups.Controllers;

/// <summary>
/// Device rules as an eBPF program of type <c>BPF_PROG_TYPE_CGROUP_DEVICE</c>, which v2 has in place of a controller:
/// cgroup-v2, "Device controller". It works through the rules from the last to the first: an allowing rule takes what
/// it allows off what was asked for, and nothing left means yes; a denying rule that has something of it means no.
/// </summary>
internal static class DeviceProgram
{
    private const int MostPrograms = 64; // BPF_CGROUP_MAX_PROGS

    // Registers. The context is struct bpf_cgroup_dev_ctx: access_type, major, minor.
    private const byte Answer = 0, Context = 1, Type = 2, Wanted = 3, Major = 4, Minor = 5;

    // Opcodes: class, operation, source of the operand; instruction-set.
    private const byte LoadWord = 0x61, And32 = 0x54, ShiftRight32 = 0x74, Move = 0xb7, Jump = 0x05, JumpIfNot32 = 0x56, JumpIfSet32 = 0x46, Exit = 0x95;

    /// <summary>Loads the program for rules and attaches it in place of those that are attached.</summary>
    /// <exception cref="LinuxException">The kernel refused.</exception>
    public static void Attach(CgroupFolder folder, IReadOnlyList<DeviceAccessRule> rules)
    {
        using OwnedFd program = OwnedFd.FromAnswer(Sys.bpf_prog_load(BPF.PROG_TYPE_CGROUP_DEVICE, Compile(rules), "Apache"u8), "load device program for", folder.Path);
        Span<uint> old = stackalloc uint[MostPrograms];
        int count = 0;
        if (!folder.IsNew)
            LinuxException.ThrowIfError(Sys.bpf_prog_query(folder.Fd, BPF.CGROUP_DEVICE, old, out count), "query device programs of", folder.Path);

        if (count == 1 && TryReplace(folder, program, old[0]))
            return;
        // Between the two steps both programs must say yes: stricter for a moment, never open.
        LinuxException.ThrowIfError(Sys.bpf_prog_attach(folder.Fd, program.Value, BPF.CGROUP_DEVICE, BPF.F_ALLOW_MULTI), "attach device program to", folder.Path);
        foreach (uint id in old[..count])
        {
            using OwnedFd gone = OwnedFd.FromAnswer(Sys.bpf_prog_get_fd_by_id(id), "open device program of", folder.Path);
            LinuxException.ThrowIfError(Sys.bpf_prog_detach(folder.Fd, gone.Value, BPF.CGROUP_DEVICE), "detach device program from", folder.Path);
        }
    }

    /// <summary>One program in place of another, at once; kernels before 5.6 do not know how.</summary>
    private static bool TryReplace(CgroupFolder folder, OwnedFd program, uint id)
    {
        using OwnedFd old = OwnedFd.FromAnswer(Sys.bpf_prog_get_fd_by_id(id), "open device program of", folder.Path);
        int answer = Sys.bpf_prog_attach(folder.Fd, program.Value, BPF.CGROUP_DEVICE, BPF.F_ALLOW_MULTI | BPF.F_REPLACE, old.Value);
        if (Sys.Is(answer, Errno.EINVAL))
            return false;
        LinuxException.ThrowIfError(answer, "replace device program of", folder.Path);
        return true;
    }

    /// <summary>Generates the instructions, eight bytes each.</summary>
    public static ulong[] Compile(IReadOnlyList<DeviceAccessRule> rules)
    {
        var code = new List<ulong>(8 + 8 * rules.Count)
        {
            Instruction(LoadWord, Type, Context, 0),
            Instruction(LoadWord, Wanted, Context, 0),
            Instruction(And32, Type, immediate: 0xffff),
            Instruction(ShiftRight32, Wanted, immediate: 16),
            Instruction(LoadWord, Major, Context, 4),
            Instruction(LoadWord, Minor, Context, 8),
        };
        for (int i = rules.Count - 1; i >= 0; i--)
        {
            AddRule(code, rules[i]);
            if (rules[i].IsForAll)
                return [.. code]; // no earlier rule has a say, and the kernel refuses code that is never reached
        }
        AddAnswer(code, allow: false);
        return [.. code];
    }

    private static void AddRule(List<ulong> code, DeviceAccessRule rule)
    {
        var toNextRule = new List<int>(4);
        void SkipUnless(byte register, uint value)
        {
            toNextRule.Add(code.Count);
            code.Add(Instruction(JumpIfNot32, register, immediate: value));
        }

        if (rule.Type != DeviceType.Any)
            SkipUnless(Type, rule.Type == DeviceType.Block ? BPF.DEVCG_DEV_BLOCK : BPF.DEVCG_DEV_CHAR);
        if (rule.Major is { } major)
            SkipUnless(Major, major);
        if (rule.Minor is { } minor)
            SkipUnless(Minor, minor);
        if (rule.Access != DeviceAccess.All && rule.Allow)
        {
            code.Add(Instruction(And32, Wanted, immediate: ~(uint)rule.Access));
            SkipUnless(Wanted, 0);
        }
        else if (rule.Access != DeviceAccess.All)
        {
            code.Add(Instruction(JumpIfSet32, Wanted, offset: 1, immediate: (uint)rule.Access));
            toNextRule.Add(code.Count);
            code.Add(Instruction(Jump, 0));
        }
        AddAnswer(code, rule.Allow);
        foreach (int jump in toNextRule)
            code[jump] |= (ulong)(ushort)(code.Count - jump - 1) << 16;
    }

    private static void AddAnswer(List<ulong> code, bool allow)
    {
        code.Add(Instruction(Move, Answer, immediate: allow ? 1u : 0));
        code.Add(Instruction(Exit, 0));
    }

    /// <summary>struct bpf_insn: opcode, destination and source register, jump or load offset, immediate value.</summary>
    private static ulong Instruction(byte opcode, byte destination, byte source = 0, ushort offset = 0, uint immediate = 0) =>
        opcode | (ulong)destination << 8 | (ulong)source << 12 | (ulong)offset << 16 | (ulong)immediate << 32;
}

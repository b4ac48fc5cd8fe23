namespace Rundlet.Syscalls;

public static unsafe partial class Sys
{
    /// <summary>bpf(2) <c>BPF_PROG_LOAD</c>: an fd of the program. One instruction is eight bytes.</summary>
    public static int bpf_prog_load(uint type, ReadOnlySpan<ulong> instructions, CString license)
    {
        fixed (ulong* code = instructions)
        fixed (byte* l = license)
        {
            bpf_prog_load_attr attr = new() { prog_type = type, insn_cnt = (uint)instructions.Length, insns = (ulong)code, license = (ulong)l };
            return (int)Call(SYS.bpf, (nint)BPF.PROG_LOAD, (nint)(&attr), sizeof(bpf_prog_load_attr));
        }
    }

    /// <summary>bpf(2) <c>BPF_PROG_ATTACH</c> to a cgroup.</summary>
    /// <param name="cgroup">The cgroup's folder.</param>
    /// <param name="program">The program.</param>
    /// <param name="type">What it is called for.</param>
    /// <param name="flags"><c>BPF_F_*</c>.</param>
    /// <param name="replaced">With <c>BPF_F_REPLACE</c> (Linux 5.6) the program whose place it takes.</param>
    public static int bpf_prog_attach(int cgroup, int program, uint type, uint flags, int replaced = 0)
    {
        bpf_prog_attach_attr attr = new() { target_fd = (uint)cgroup, attach_bpf_fd = (uint)program, attach_type = type, attach_flags = flags, replace_bpf_fd = (uint)replaced };
        return (int)Call(SYS.bpf, (nint)BPF.PROG_ATTACH, (nint)(&attr), sizeof(bpf_prog_attach_attr));
    }

    /// <summary>bpf(2) <c>BPF_PROG_DETACH</c> from a cgroup.</summary>
    public static int bpf_prog_detach(int cgroup, int program, uint type)
    {
        bpf_prog_attach_attr attr = new() { target_fd = (uint)cgroup, attach_bpf_fd = (uint)program, attach_type = type };
        return (int)Call(SYS.bpf, (nint)BPF.PROG_DETACH, (nint)(&attr), sizeof(bpf_prog_attach_attr));
    }

    /// <summary>bpf(2) <c>BPF_PROG_QUERY</c>: the ids of the programs attached to a cgroup; <c>ENOSPC</c> when there are more.</summary>
    public static int bpf_prog_query(int cgroup, uint type, Span<uint> ids, out int count)
    {
        fixed (uint* p = ids)
        {
            bpf_prog_query_attr attr = new() { target_fd = (uint)cgroup, attach_type = type, prog_ids = (ulong)p, prog_cnt = (uint)ids.Length };
            int answer = (int)Call(SYS.bpf, (nint)BPF.PROG_QUERY, (nint)(&attr), sizeof(bpf_prog_query_attr));
            count = (int)attr.prog_cnt;
            return answer;
        }
    }

    /// <summary>bpf(2) <c>BPF_PROG_GET_FD_BY_ID</c>.</summary>
    public static int bpf_prog_get_fd_by_id(uint id)
    {
        bpf_get_id_attr attr = new() { prog_id = id };
        return (int)Call(SYS.bpf, (nint)BPF.PROG_GET_FD_BY_ID, (nint)(&attr), sizeof(bpf_get_id_attr));
    }
}

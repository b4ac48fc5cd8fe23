namespace Rundlet.Syscalls;

#pragma warning disable CS1591 // the fields are the kernel's; the header named on each struct documents them

/// <summary>bpf(2) <c>BPF_PROG_LOAD</c>, as far as it is used.</summary>
[Header("linux/bpf.h", CName = "union bpf_attr", Partial = true)]
public struct bpf_prog_load_attr
{
    public uint prog_type;
    public uint insn_cnt;
    public ulong insns;
    public ulong license;
    public uint log_level;
    public uint log_size;
    public ulong log_buf;
    public uint kern_version;
    public uint prog_flags;
}

/// <summary>bpf(2) <c>BPF_PROG_ATTACH</c> and <c>BPF_PROG_DETACH</c>.</summary>
[Header("linux/bpf.h", CName = "union bpf_attr", Partial = true)]
public struct bpf_prog_attach_attr
{
    public uint target_fd;
    public uint attach_bpf_fd;
    public uint attach_type;
    public uint attach_flags;
    public uint replace_bpf_fd;
}

/// <summary>bpf(2) <c>BPF_PROG_QUERY</c>.</summary>
[Header("linux/bpf.h", CName = "union bpf_attr", Partial = true, FieldPrefix = "query.")]
public struct bpf_prog_query_attr
{
    public uint target_fd;
    public uint attach_type;
    public uint query_flags;
    public uint attach_flags;
    public ulong prog_ids;
    public uint prog_cnt;
    private readonly uint _padding;
}

/// <summary>bpf(2) <c>BPF_PROG_GET_FD_BY_ID</c>.</summary>
[Header("linux/bpf.h", CName = "union bpf_attr", Partial = true)]
public struct bpf_get_id_attr
{
    public uint prog_id;
    public uint next_id;
    public uint open_flags;
}

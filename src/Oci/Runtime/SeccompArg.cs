namespace Rundlet.Oci;

/// <summary>A condition on one argument of a system call (config-linux.md, Seccomp).</summary>
public sealed class SeccompArg
{
    /// <summary>Argument, 0 to 5.</summary>
    public required uint Index { get; set; }

    /// <summary>Value compared with; the mask for <c>SCMP_CMP_MASKED_EQ</c>.</summary>
    public required ulong Value { get; set; }

    /// <summary>Value compared with after masking, for <c>SCMP_CMP_MASKED_EQ</c>.</summary>
    public ulong? ValueTwo { get; set; }

    /// <summary><c>SCMP_CMP_EQ</c>, <c>SCMP_CMP_NE</c>, <c>SCMP_CMP_LT</c>, ….</summary>
    public required string Op { get; set; }
}

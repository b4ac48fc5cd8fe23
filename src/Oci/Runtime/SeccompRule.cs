namespace Rundlet.Oci;

/// <summary>What happens to some system calls (config-linux.md, Seccomp).</summary>
public sealed class SeccompRule
{
    /// <summary>System calls by name; names the kernel does not know are passed over.</summary>
    public required List<string> Names { get; set; }

    /// <summary><c>SCMP_ACT_ALLOW</c>, <c>SCMP_ACT_ERRNO</c>, ….</summary>
    public required string Action { get; set; }

    /// <summary>errno, or trace message, of the action; absent is EPERM.</summary>
    public uint? ErrnoRet { get; set; }

    /// <summary>Conditions on the arguments, all of which must hold.</summary>
    public List<SeccompArg>? Args { get; set; }
}

namespace Rundlet.Oci;

/// <summary>A system call filter, seccomp(2) (config-linux.md, Seccomp).</summary>
public sealed class Seccomp
{
    /// <summary>What happens to a call that no rule names: <c>SCMP_ACT_ERRNO</c>, <c>SCMP_ACT_ALLOW</c>, ….</summary>
    public required string DefaultAction { get; set; }

    /// <summary>errno, or trace message, of the default action; absent is EPERM.</summary>
    public uint? DefaultErrnoRet { get; set; }

    /// <summary>Architectures besides the native one: <c>SCMP_ARCH_X86</c>, ….</summary>
    public List<string>? Architectures { get; set; }

    /// <summary>Flags of seccomp(2): <c>SECCOMP_FILTER_FLAG_LOG</c>, ….</summary>
    public List<string>? Flags { get; set; }

    /// <summary>Unix socket that gets the notification fd; goes with <c>SCMP_ACT_NOTIFY</c>.</summary>
    public string? ListenerPath { get; set; }

    /// <summary>Text passed to the listener as it is.</summary>
    public string? ListenerMetadata { get; set; }

    /// <summary>Rules, as exceptions from the default action.</summary>
    public List<SeccompRule>? Syscalls { get; set; }

    /// <summary>The section as it stands in the document it was read from; null for one that was made otherwise.</summary>
    internal byte[]? Text { get; set; }
}

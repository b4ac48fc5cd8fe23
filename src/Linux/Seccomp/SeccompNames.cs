using Rundlet.Syscalls;

namespace Rundlet.Linux.Seccomp;

/// <summary>The words of the OCI specification for parts of a profile (config-linux.md, Seccomp).</summary>
public static class SeccompNames
{
    /// <summary>Reads an action: <c>SCMP_ACT_ALLOW</c>.</summary>
    /// <exception cref="ContainerException"><c>InvalidArgument</c>: unknown.</exception>
    public static SeccompAction ParseAction(string name) => name switch
    {
        "SCMP_ACT_KILL" or "SCMP_ACT_KILL_THREAD" => SeccompAction.KillThread,
        "SCMP_ACT_KILL_PROCESS" => SeccompAction.KillProcess,
        "SCMP_ACT_TRAP" => SeccompAction.Trap,
        "SCMP_ACT_ERRNO" => SeccompAction.Errno,
        "SCMP_ACT_TRACE" => SeccompAction.Trace,
        "SCMP_ACT_LOG" => SeccompAction.Log,
        "SCMP_ACT_ALLOW" => SeccompAction.Allow,
        "SCMP_ACT_NOTIFY" => SeccompAction.Notify,
        _ => throw Unknown("action", name),
    };

    /// <summary>The name of an action.</summary>
    public static string NameOf(SeccompAction action) => action switch
    {
        SeccompAction.KillThread => "SCMP_ACT_KILL_THREAD",
        SeccompAction.KillProcess => "SCMP_ACT_KILL_PROCESS",
        SeccompAction.Trap => "SCMP_ACT_TRAP",
        SeccompAction.Errno => "SCMP_ACT_ERRNO",
        SeccompAction.Trace => "SCMP_ACT_TRACE",
        SeccompAction.Log => "SCMP_ACT_LOG",
        SeccompAction.Notify => "SCMP_ACT_NOTIFY",
        _ => "SCMP_ACT_ALLOW",
    };

    /// <summary>Reads an operator: <c>SCMP_CMP_EQ</c>.</summary>
    /// <exception cref="ContainerException"><c>InvalidArgument</c>: unknown.</exception>
    public static SeccompOperator ParseOperator(string name) => name switch
    {
        "SCMP_CMP_NE" => SeccompOperator.NotEqual,
        "SCMP_CMP_LT" => SeccompOperator.Less,
        "SCMP_CMP_LE" => SeccompOperator.LessOrEqual,
        "SCMP_CMP_EQ" => SeccompOperator.Equal,
        "SCMP_CMP_GE" => SeccompOperator.GreaterOrEqual,
        "SCMP_CMP_GT" => SeccompOperator.Greater,
        "SCMP_CMP_MASKED_EQ" => SeccompOperator.MaskedEqual,
        _ => throw Unknown("operator", name),
    };

    /// <summary>
    /// Reads an architecture: <c>SCMP_ARCH_X86_64</c>. Null for one of the specification's that no kernel of ours runs
    /// programs of: it needs no rules, its calls are killed whatever the profile says.
    /// </summary>
    /// <exception cref="ContainerException"><c>InvalidArgument</c>: not in the specification.</exception>
    public static SeccompArchitecture? ParseArchitecture(string name) => name switch
    {
        "SCMP_ARCH_X86_64" => SeccompArchitecture.X86_64,
        "SCMP_ARCH_X32" => SeccompArchitecture.X32,
        "SCMP_ARCH_X86" => SeccompArchitecture.X86,
        "SCMP_ARCH_AARCH64" => SeccompArchitecture.Aarch64,
        "SCMP_ARCH_ARM" => SeccompArchitecture.Arm,
        "SCMP_ARCH_MIPS" or "SCMP_ARCH_MIPS64" or "SCMP_ARCH_MIPS64N32" or "SCMP_ARCH_MIPSEL" or "SCMP_ARCH_MIPSEL64" or "SCMP_ARCH_MIPSEL64N32"
            or "SCMP_ARCH_PPC" or "SCMP_ARCH_PPC64" or "SCMP_ARCH_PPC64LE" or "SCMP_ARCH_S390" or "SCMP_ARCH_S390X" or "SCMP_ARCH_PARISC"
            or "SCMP_ARCH_PARISC64" or "SCMP_ARCH_RISCV64" or "SCMP_ARCH_LOONGARCH64" or "SCMP_ARCH_M68K" or "SCMP_ARCH_SH" or "SCMP_ARCH_SHEB" => null,
        _ => throw Unknown("architecture", name),
    };

    /// <summary>Reads a flag: <c>SECCOMP_FILTER_FLAG_LOG</c>.</summary>
    /// <exception cref="ContainerException"><c>InvalidArgument</c>: unknown, or not for a profile to set.</exception>
    public static uint ParseFlag(string name) => name switch
    {
        "SECCOMP_FILTER_FLAG_TSYNC" => SECCOMP.FILTER_FLAG_TSYNC,
        "SECCOMP_FILTER_FLAG_LOG" => SECCOMP.FILTER_FLAG_LOG,
        "SECCOMP_FILTER_FLAG_SPEC_ALLOW" => SECCOMP.FILTER_FLAG_SPEC_ALLOW,
        "SECCOMP_FILTER_FLAG_WAIT_KILLABLE_RECV" => SECCOMP.FILTER_FLAG_WAIT_KILLABLE_RECV,
        _ => throw Unknown("flag", name),
    };

    private static ContainerException Unknown(string what, string name) =>
        new(ContainerErrorKind.InvalidArgument, $"unknown seccomp {what} '{name}'");
}

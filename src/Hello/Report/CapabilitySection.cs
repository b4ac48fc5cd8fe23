using System.Globalization;

namespace Rundlet.Hello.Report;

/// <summary>The five capability sets by name (capabilities(7)).</summary>
internal static class CapabilitySection
{
    // By number, as in linux/capability.h.
    private static readonly string[] Names =
    [
        "CHOWN", "DAC_OVERRIDE", "DAC_READ_SEARCH", "FOWNER", "FSETID", "KILL", "SETGID", "SETUID", "SETPCAP", "LINUX_IMMUTABLE",
        "NET_BIND_SERVICE", "NET_BROADCAST", "NET_ADMIN", "NET_RAW", "IPC_LOCK", "IPC_OWNER", "SYS_MODULE", "SYS_RAWIO", "SYS_CHROOT",
        "SYS_PTRACE", "SYS_PACCT", "SYS_ADMIN", "SYS_BOOT", "SYS_NICE", "SYS_RESOURCE", "SYS_TIME", "SYS_TTY_CONFIG", "MKNOD", "LEASE",
        "AUDIT_WRITE", "AUDIT_CONTROL", "SETFCAP", "MAC_OVERRIDE", "MAC_ADMIN", "SYSLOG", "WAKE_ALARM", "BLOCK_SUSPEND", "AUDIT_READ",
        "PERFMON", "BPF", "CHECKPOINT_RESTORE",
    ];

    public static Section Build(ProcessStatus status) => new("capabilities", "Capabilities",
    [
        new("effective", "effective", Set(status.Mask("CapEff"))),
        new("permitted", "permitted", Set(status.Mask("CapPrm"))),
        new("inheritable", "inheritable", Set(status.Mask("CapInh"))),
        new("bounding", "bounding", Set(status.Mask("CapBnd"))),
        new("ambient", "ambient", Set(status.Mask("CapAmb"))),
    ]);

    /// <summary>The names in the mask, lowest number first; a bit that this program has no name for is given by its number.</summary>
    public static IReadOnlyList<string> NamesOf(ulong mask)
    {
        var names = new List<string>();
        for (int bit = 0; bit < 64; bit++)
        {
            if ((mask >> bit & 1) != 0)
                names.Add(bit < Names.Length ? Names[bit] : bit.ToString(CultureInfo.InvariantCulture));
        }
        return names;
    }

    private static FactValue Set(ulong? mask) =>
        mask is { } bits ? new FactValue.List(NamesOf(bits), "none") : new FactValue.Missing("unknown: /proc is not mounted");
}

namespace Rundlet.Syscalls;

/// <summary>Attributes of queueing disciplines, and of tc-tbf(8).</summary>
[Header("linux/rtnetlink.h linux/pkt_sched.h", Prefix = "TCA_")]
public static class TCA
{
    public const ushort KIND = 1;
    public const ushort OPTIONS = 2;
    public const ushort TBF_PARMS = 1;
    public const ushort TBF_RATE64 = 4;
    public const ushort TBF_BURST = 6;
}

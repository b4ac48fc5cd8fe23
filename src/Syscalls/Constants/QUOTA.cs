namespace Rundlet.Syscalls;

/// <summary>quotactl_fd(2).</summary>
[Header("linux/quota.h")]
public static class QUOTA
{
    public const int Q_GETQUOTA = 0x800007;
    public const int Q_SETQUOTA = 0x800008;
    public const int PRJQUOTA = 2;
    public const int QIF_BLIMITS = 1;
}

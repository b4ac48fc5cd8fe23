namespace Rundlet.Syscalls;

/// <summary>Attributes of a route.</summary>
[Header("linux/rtnetlink.h", Prefix = "RTA_")]
public static class RTA
{
    public const ushort DST = 1;
    public const ushort OIF = 4;
    public const ushort GATEWAY = 5;
    public const ushort PREFSRC = 7;
    public const ushort TABLE = 15;
}

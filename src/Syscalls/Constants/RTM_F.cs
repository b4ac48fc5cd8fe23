namespace Rundlet.Syscalls;

/// <summary>Flags of a route.</summary>
[Header("linux/rtnetlink.h", Prefix = "RTM_F_")]
public static class RTM_F
{
    public const uint CLONED = 512;
}

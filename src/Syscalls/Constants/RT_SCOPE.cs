namespace Rundlet.Syscalls;

/// <summary>How far away a destination is.</summary>
[Header("linux/rtnetlink.h", Prefix = "RT_SCOPE_")]
public static class RT_SCOPE
{
    public const byte UNIVERSE = 0;
    public const byte LINK = 253;
}

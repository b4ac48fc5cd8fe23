namespace Rundlet.Syscalls;

/// <summary>Routing tables.</summary>
[Header("linux/rtnetlink.h", Prefix = "RT_TABLE_")]
public static class RT_TABLE
{
    public const byte MAIN = 254;
    public const byte LOCAL = 255;
}

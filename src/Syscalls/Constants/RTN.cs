namespace Rundlet.Syscalls;

/// <summary>Types of routes; also what the fib expression of nftables answers.</summary>
[Header("linux/rtnetlink.h", Prefix = "RTN_")]
public static class RTN
{
    public const byte UNICAST = 1;
    public const byte LOCAL = 2;
}

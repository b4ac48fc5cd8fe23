namespace Rundlet.Syscalls;

/// <summary>Attributes of an interface address.</summary>
[Header("linux/if_addr.h", Prefix = "IFA_")]
public static class IFA
{
    public const ushort ADDRESS = 1;
    public const ushort LOCAL = 2;
    public const ushort BROADCAST = 4;
    public const uint F_NODAD = 2;
    public const uint F_PERMANENT = 0x80;
}

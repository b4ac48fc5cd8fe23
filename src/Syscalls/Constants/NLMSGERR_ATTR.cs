namespace Rundlet.Syscalls;

/// <summary>Attributes of an extended acknowledgement, Linux 4.12.</summary>
[Header("linux/netlink.h", Prefix = "NLMSGERR_ATTR_")]
public static class NLMSGERR_ATTR
{
    public const ushort MSG = 1;
    public const ushort OFFS = 2;
}

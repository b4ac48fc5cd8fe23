namespace Rundlet.Syscalls;

/// <summary>Attributes in the data of a veth link.</summary>
[Header("linux/veth.h", Prefix = "VETH_")]
public static class VETH
{
    public const ushort INFO_PEER = 1;
}

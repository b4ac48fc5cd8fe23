namespace Rundlet.Syscalls;

/// <summary>Who speaks over the kernel connector: the group and the number of the process connector.</summary>
[Header("linux/connector.h", Prefix = "CN_")]
public static class CN
{
    public const uint IDX_PROC = 1;
    public const uint VAL_PROC = 1;
}

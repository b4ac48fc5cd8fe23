namespace Rundlet.Syscalls;

/// <summary>renameat2(2) flags.</summary>
[Header("linux/fs.h", Prefix = "RENAME_")]
public static class RENAME
{
    public const uint NOREPLACE = 1;
    public const uint EXCHANGE = 2;
    public const uint WHITEOUT = 4;
}

namespace Rundlet.Syscalls;

/// <summary>termios ioctls.</summary>
[Header("asm/ioctls.h", Prefix = "TC")]
public static class TC
{
    public const uint GETS = 0x5401;
    public const uint SETS = 0x5402;
    public const uint SETSW = 0x5403;
    public const uint SETSF = 0x5404;
}

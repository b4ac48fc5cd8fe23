namespace Rundlet.Syscalls;

/// <summary>poll(2) events.</summary>
[Header("poll.h", Prefix = "POLL")]
public static class POLL
{
    public const short IN = 1;
    public const short PRI = 2;
    public const short OUT = 4;
    public const short ERR = 8;
    public const short HUP = 16;
    public const short NVAL = 32;
    public const short RDHUP = 8192;
}

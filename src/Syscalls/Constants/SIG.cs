namespace Rundlet.Syscalls;

/// <summary>Signals, signal(7); the same on x86_64 and aarch64.</summary>
[Header("signal.h", Prefix = "SIG")]
public static class SIG
{
    public const int HUP = 1;
    public const int INT = 2;
    public const int QUIT = 3;
    public const int ILL = 4;
    public const int TRAP = 5;
    public const int ABRT = 6;
    public const int BUS = 7;
    public const int FPE = 8;
    public const int KILL = 9;
    public const int USR1 = 10;
    public const int SEGV = 11;
    public const int USR2 = 12;
    public const int PIPE = 13;
    public const int ALRM = 14;
    public const int TERM = 15;
    public const int STKFLT = 16;
    public const int CHLD = 17;
    public const int CONT = 18;
    public const int STOP = 19;
    public const int TSTP = 20;
    public const int TTIN = 21;
    public const int TTOU = 22;
    public const int URG = 23;
    public const int XCPU = 24;
    public const int XFSZ = 25;
    public const int VTALRM = 26;
    public const int PROF = 27;
    public const int WINCH = 28;
    public const int IO = 29;
    public const int PWR = 30;
    public const int SYS = 31;
}

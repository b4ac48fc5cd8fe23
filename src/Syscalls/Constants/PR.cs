namespace Rundlet.Syscalls;

/// <summary>prctl(2) options.</summary>
[Header("linux/prctl.h", Prefix = "PR_")]
public static class PR
{
    public const int SET_PDEATHSIG = 1;
    public const int SET_DUMPABLE = 4;
    public const int GET_DUMPABLE = 3;
    public const int SET_KEEPCAPS = 8;
    public const int SET_NAME = 15;
    public const int CAPBSET_READ = 23;
    public const int CAPBSET_DROP = 24;
    public const int SET_SECUREBITS = 28;
    public const int GET_SECUREBITS = 27;
    public const int SET_NO_NEW_PRIVS = 38;
    public const int GET_NO_NEW_PRIVS = 39;
    public const int SET_CHILD_SUBREAPER = 36;
    public const int GET_CHILD_SUBREAPER = 37;
    public const int CAP_AMBIENT = 47;
    public const int CAP_AMBIENT_IS_SET = 1;
    public const int CAP_AMBIENT_RAISE = 2;
    public const int CAP_AMBIENT_LOWER = 3;
    public const int CAP_AMBIENT_CLEAR_ALL = 4;
    public const int SET_IO_FLUSHER = 57;
}

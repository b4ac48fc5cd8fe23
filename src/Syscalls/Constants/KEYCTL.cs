namespace Rundlet.Syscalls;

/// <summary>keyctl(2) operations.</summary>
[Header("linux/keyctl.h", Prefix = "KEYCTL_")]
public static class KEYCTL
{
    public const int GET_KEYRING_ID = 0;
    public const int JOIN_SESSION_KEYRING = 1;
    public const int SETPERM = 5;
    public const int DESCRIBE = 6;
}

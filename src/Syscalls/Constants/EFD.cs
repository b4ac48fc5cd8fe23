namespace Rundlet.Syscalls;

/// <summary>eventfd2(2) flags.</summary>
[Header("sys/eventfd.h", Prefix = "EFD_")]
public static class EFD
{
    public const int CLOEXEC = 524288;
    public const int NONBLOCK = 2048;
    public const int SEMAPHORE = 1;
}

namespace Rundlet.Syscalls;

/// <summary>memfd_create(2) flags.</summary>
[Header("linux/memfd.h", Prefix = "MFD_")]
public static class MFD
{
    public const uint CLOEXEC = 1;
    public const uint ALLOW_SEALING = 2;
}

namespace Rundlet.Syscalls;

/// <summary>personality(2) execution domains.</summary>
[Header("linux/personality.h", Prefix = "PER_")]
public static class PER
{
    public const uint LINUX = 0;
    public const uint LINUX32 = 8;
}

using Rundlet.Syscalls;

namespace Rundlet.Runtime.Planning;

/// <summary>
/// A caller without CAP_SYS_RESOURCE cannot raise a hard limit. Engines ask for high limits by default and would fail
/// on such machines, so that what cannot be had is clamped to what can.
/// </summary>
internal static class RlimitClamp
{
    /// <summary>Whether the caller may.</summary>
    public static bool MayRaise { get; } = HasSysResource();

    /// <summary>The limit that will really be set.</summary>
    /// <param name="resource">The number of the resource.</param>
    /// <param name="soft">The soft limit asked for.</param>
    /// <param name="hard">The hard limit asked for.</param>
    public static rlimit64 ToPossible(int resource, ulong soft, ulong hard)
    {
        rlimit64 wanted = new() { rlim_cur = soft, rlim_max = hard };
        if (MayRaise)
            return wanted;
        return Limits.Clamp(resource, wanted);
    }

    private static bool HasSysResource()
    {
        Span<cap_user_data> data = stackalloc cap_user_data[2];
        return Sys.capget(0, data) == 0 && (data[CAP.SYS_RESOURCE >= 32 ? 1 : 0].effective >> (int)(CAP.SYS_RESOURCE % 32) & 1) != 0;
    }
}

namespace Rundlet.Syscalls;

/// <summary>Resource limits of the calling process.</summary>
public static unsafe class Limits
{
    /// <summary>The limit in force; see getrlimit(2).</summary>
    public static rlimit64 Get(int resource)
    {
        rlimit64 now;
        LinuxException.ThrowIfError(Sys.prlimit64(0, resource, null, &now), "prlimit64");
        return now;
    }

    /// <summary>Raises the soft limit to what is wanted, or as near to it as the hard limit lets; never lowers it.</summary>
    /// <returns>The soft limit then.</returns>
    public static ulong Raise(int resource, ulong wanted)
    {
        rlimit64 now = Get(resource);
        ulong raised = Math.Min(wanted, now.rlim_max);
        if (raised <= now.rlim_cur)
            return now.rlim_cur;
        rlimit64 then = new() { rlim_cur = raised, rlim_max = now.rlim_max };
        LinuxException.ThrowIfError(Sys.prlimit64(0, resource, &then, null), "prlimit64");
        return raised;
    }

    /// <summary>The wanted limit, lowered to the hard limit in force.</summary>
    public static rlimit64 Clamp(int resource, rlimit64 wanted)
    {
        rlimit64 now = Get(resource);
        return new rlimit64 { rlim_cur = Math.Min(wanted.rlim_cur, now.rlim_max), rlim_max = Math.Min(wanted.rlim_max, now.rlim_max) };
    }
}

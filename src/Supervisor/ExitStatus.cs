using Rundlet.Runtime.Supervision;
using Rundlet.Syscalls;

namespace Rundlet.Supervisor;

/// <summary>The kernel's word on an end as an exit record.</summary>
internal static class ExitStatus
{
    /// <summary>A signal counts as 128 and its number, as shells have it.</summary>
    public static ExitRecord Of(siginfo_t info, DateTimeOffset startedAt, bool oomKilled = false, string? error = null)
    {
        bool exited = info.si_code == CLD.EXITED;
        return new ExitRecord
        {
            ExitCode = exited ? info.si_status : 128 + info.si_status,
            Signal = exited ? null : info.si_status,
            OomKilled = oomKilled,
            StartedAt = startedAt,
            FinishedAt = DateTimeOffset.UtcNow,
            Error = error,
        };
    }
}

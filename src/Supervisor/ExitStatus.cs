using Rundlet.Runtime.Supervision;
using Rundlet.Syscalls;

namespace Rundlet.Supervisor;

/// <summary>The kernel's word on an end as an exit record.</summary>
internal static class ExitStatus
{
    /// <summary>Of a child.</summary>
    public static ExitRecord Of(siginfo_t info, DateTimeOffset startedAt) =>
        ExitRecord.Of(info.si_code == CLD.EXITED ? info.si_status << 8 : info.si_status, startedAt, DateTimeOffset.UtcNow);

    /// <summary>Of a process whose parent is somebody else.</summary>
    public static ExitRecord Of(LiveContainer adopted, ContainerRuntimeState state) =>
        adopted.TryReadStatus(state.PidStartTime) is { } status
            ? ExitRecord.Of(status, state.StartedAt ?? default, DateTimeOffset.UtcNow)
            : ExitRecord.Unknown(state.StartedAt ?? default, "the supervisor that was the parent of its first process was killed, and this kernel tells the exit status to nobody else");
}

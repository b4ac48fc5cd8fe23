using Rundlet.Linux.Proc;
using Rundlet.Syscalls;

namespace Rundlet.Engine.State;

/// <summary>One process for ever: a pid may be given to another process, a pid with its start time may not.</summary>
/// <param name="Pid">The pid on the host.</param>
/// <param name="StartTime">Clock ticks since the machine started.</param>
public readonly record struct ProcessIdentity(int Pid, ulong StartTime)
{
    /// <summary>This process.</summary>
    public static ProcessIdentity Own { get; } = new(Sys.getpid(), ProcStat.Read(Sys.getpid()).StartTime);

    /// <summary>Whether that process still runs; a zombie does not.</summary>
    public bool IsAlive => Pid > 0 && ProcStat.TryRead(Pid) is { IsAlive: true } stat && stat.StartTime == StartTime;
}

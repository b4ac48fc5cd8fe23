using Rundlet.Syscalls;

namespace Rundlet.Runtime.Planning;

/// <summary>The resources of setrlimit(2) by the spec's names.</summary>
internal static class RlimitTable
{
    /// <summary>The number for a name such as <c>RLIMIT_NOFILE</c>, or -1.</summary>
    public static int NumberOf(string name) => name switch
    {
        "RLIMIT_CPU" => RLIMIT.CPU,
        "RLIMIT_FSIZE" => RLIMIT.FSIZE,
        "RLIMIT_DATA" => RLIMIT.DATA,
        "RLIMIT_STACK" => RLIMIT.STACK,
        "RLIMIT_CORE" => RLIMIT.CORE,
        "RLIMIT_RSS" => RLIMIT.RSS,
        "RLIMIT_NPROC" => RLIMIT.NPROC,
        "RLIMIT_NOFILE" => RLIMIT.NOFILE,
        "RLIMIT_MEMLOCK" => RLIMIT.MEMLOCK,
        "RLIMIT_AS" => RLIMIT.AS,
        "RLIMIT_LOCKS" => RLIMIT.LOCKS,
        "RLIMIT_SIGPENDING" => RLIMIT.SIGPENDING,
        "RLIMIT_MSGQUEUE" => RLIMIT.MSGQUEUE,
        "RLIMIT_NICE" => RLIMIT.NICE,
        "RLIMIT_RTPRIO" => RLIMIT.RTPRIO,
        "RLIMIT_RTTIME" => RLIMIT.RTTIME,
        _ => -1,
    };
}

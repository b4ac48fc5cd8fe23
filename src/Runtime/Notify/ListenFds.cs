using System.Globalization;
using Rundlet.Oci;
using Rundlet.Syscalls;

namespace Rundlet.Runtime;

/// <summary>Socket activation, sd_listen_fds(3): fds from 3 on that the caller has for the container's program.</summary>
public static class ListenFds
{
    private const int Most = 1 << 16;

    /// <summary>How many there are for this process; 0 where the variables are missing, odd, or meant for another one.</summary>
    public static int Count => int.TryParse(Environment.GetEnvironmentVariable("LISTEN_FDS"), NumberStyles.None, CultureInfo.InvariantCulture, out int count) && count <= Most
        && int.TryParse(Environment.GetEnvironmentVariable("LISTEN_PID"), NumberStyles.None, CultureInfo.InvariantCulture, out int pid) && pid == Sys.getpid()
            ? count
            : 0;

    /// <summary>Tells the program of them; its own pid is known only to itself, see <see cref="CreateRequest.TellsPid"/>.</summary>
    public static void AddTo(Process process, int count)
    {
        process.Env = [.. process.Env ?? []];
        process.Env.RemoveAll(variable => variable.StartsWith("LISTEN_", StringComparison.Ordinal));
        process.Env.Add(string.Create(CultureInfo.InvariantCulture, $"LISTEN_FDS={count}"));
        if (Environment.GetEnvironmentVariable("LISTEN_FDNAMES") is { Length: > 0 } names)
            process.Env.Add($"LISTEN_FDNAMES={names}");
    }
}

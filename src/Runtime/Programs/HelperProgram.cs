using System.Text;
using Rundlet.Linux;
using Rundlet.Syscalls;

namespace Rundlet.Runtime;

/// <summary>A small program of the host that does one privileged thing for callers who may not: started by argument list, waited for.</summary>
internal static class HelperProgram
{
    private const int MostOutput = 4096; // bytes of what it complains; the rest is thrown away

    /// <summary>Looks for an executable file along PATH.</summary>
    public static string? Find(string name)
    {
        string path = Environment.GetEnvironmentVariable("PATH") is { Length: > 0 } own ? own : "/usr/sbin:/usr/bin:/sbin:/bin";
        foreach (string folder in path.Split(':'))
        {
            string file = $"{folder}/{name}";
            if (folder.StartsWith('/') && Sys.faccessat2(Sys.AT_FDCWD, file, 1, AT.EACCESS) == 0)
                return file;
        }
        return null;
    }

    /// <summary>Runs a program to its end.</summary>
    /// <returns>Its exit status, 128 and the signal that ended it, and the first line that it wrote to stderr.</returns>
    /// <exception cref="LinuxException">It could not be started.</exception>
    public static (int Status, string Error) Run(string path, IReadOnlyList<string> arguments) => Run(path, arguments, [], []);

    /// <summary>As above, with an environment and with fds; stderr is taken last.</summary>
    /// <exception cref="LinuxException">It could not be started.</exception>
    public static (int Status, string Error) Run(string path, IReadOnlyList<string> arguments, IReadOnlyList<string> environment, ReadOnlySpan<Spawn.FdMapping> fds)
    {
        LinuxException.ThrowIfError(Sys.pipe2(out int read, out int write, O.CLOEXEC), "make a pipe");
        using OwnedFd output = new(read);
        int pid;
        using (OwnedFd input = new(write))
            pid = LinuxException.ThrowIfError(Spawn.Start(path, arguments, environment, [.. fds, new Spawn.FdMapping(input.Value, 2)], newSession: false), "start", path);
        string error = FirstLine(output.Value);
        int answer;
        siginfo_t info;
        do
            answer = Sys.waitid(P.PID, pid, out info, W.EXITED);
        while (Sys.Is(answer, Errno.EINTR));
        LinuxException.ThrowIfError(answer, "wait for", path);
        return (info.si_code == CLD.EXITED ? info.si_status : 128 + info.si_status, error);
    }

    private static string FirstLine(int fd)
    {
        byte[] text = new byte[MostOutput];
        byte[] rest = new byte[512];
        int length = 0;
        while (true)
        {
            nint got = Sys.read(fd, length < text.Length ? text.AsSpan(length) : rest);
            if (Sys.Is(got, Errno.EINTR))
                continue;
            if (got <= 0)
                break;
            if (length < text.Length)
                length += (int)got;
        }
        string all = Encoding.UTF8.GetString(text, 0, length).Trim();
        int end = all.IndexOf('\n');
        return end < 0 ? all : all[..end];
    }
}

using System.Text;
using Rundlet.Linux;
using Rundlet.Syscalls;

namespace Rundlet.Runcs.Commands;

/// <summary>What the program ps(1) of the host prints. It is run by its argument list; there is no shell.</summary>
internal static class HostProcessTable
{
    private const string DefaultPath = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin";
    private const int MaxBytes = 16 << 20;

    /// <summary>Runs it and takes what it prints.</summary>
    /// <param name="options">Its arguments.</param>
    /// <exception cref="ContainerException">It is not installed, or fails.</exception>
    public static string Read(IReadOnlyList<string> options)
    {
        string search = Environment.GetEnvironmentVariable("PATH") is { Length: > 0 } path ? path : DefaultPath;
        string program = Find(search) ?? throw new ContainerException(ContainerErrorKind.Unavailable, "the program 'ps' is not installed")
        {
            Hint = "install procps, or use --format json",
        };
        LinuxException.ThrowIfError(Sys.pipe2(out int input, out int output, O.CLOEXEC), "make a pipe");
        using OwnedFd reader = new(input);
        int pid;
        using (new OwnedFd(output))
            pid = LinuxException.ThrowIfError(Spawn.Start(program, ["ps", .. options], [$"PATH={search}"], [new Spawn.FdMapping(output, 1)], newSession: false), "run", program);
        byte[] text;
        int status;
        try
        {
            text = FileIo.ReadAll(reader.Value, program, MaxBytes);
        }
        finally
        {
            reader.Dispose();
            status = StatusOf(pid);
        }
        return status == 0
            ? Encoding.UTF8.GetString(text)
            : throw new ContainerException(ContainerErrorKind.InvalidArgument, $"the program '{program}' failed with status {status}");
    }

    private static string? Find(string search)
    {
        foreach (string folder in search.Split(':'))
        {
            if (folder.StartsWith('/') && Sys.faccessat2(Sys.AT_FDCWD, $"{folder}/ps", 1 /* X_OK */, 0) == 0)
                return $"{folder}/ps";
        }
        return null;
    }

    private static int StatusOf(int pid)
    {
        int answer;
        siginfo_t end;
        do
            answer = Sys.waitid(P.PID, pid, out end, W.EXITED);
        while (Sys.Is(answer, Errno.EINTR));
        LinuxException.ThrowIfError(answer, "wait for", "ps");
        return end.si_status;
    }
}

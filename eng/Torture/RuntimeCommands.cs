using System.Diagnostics;
using System.Text;
using Rundlet.Linux;
using Rundlet.Syscalls;

namespace Rundlet.Torture;

/// <summary>How a command of the runtime ended.</summary>
/// <param name="Status">The exit status; -1 where a signal ended it.</param>
/// <param name="Signal">That signal, or 0.</param>
/// <param name="Text">What it said on stdout and stderr.</param>
/// <param name="Hung">Whether it had to be killed.</param>
internal sealed record Outcome(int Status, int Signal, string Text, bool Hung)
{
    public bool Succeeded => Status == 0;

    /// <summary>What is wrong with a command that nobody killed; null where all is well.</summary>
    /// <param name="ofProgram">Whether the status may be that of the container's program.</param>
    public string? Complaint(bool ofProgram = false)
    {
        if (Hung)
            return "it hung";
        if (Signal != 0)
            return $"signal {Signal} ended it: {Text}";
        if (Text.Contains("unexpected ", StringComparison.Ordinal) || Text.Contains("Unhandled", StringComparison.Ordinal) || Text.Contains("   at ", StringComparison.Ordinal))
            return Text;
        if (Status == 0 || ofProgram)
            return null;
        return Status is 1 or 255 && Text.Contains("runcs: ", StringComparison.Ordinal) ? null : $"status {Status} without a reason: '{Text}'";
    }
}

/// <summary>The runtime's command line.</summary>
internal sealed class RuntimeCommands(string program)
{
    private const int Patience = 15_000; // ms for any one command

    private readonly OwnedFd _null = FileIo.Open(Sys.AT_FDCWD, "/dev/null", O.RDWR);

    /// <summary>Runs a command to its end.</summary>
    public Outcome Run(params string[] words)
    {
        using RunningCommand command = Start(words);
        return command.Wait(Patience);
    }

    /// <summary>Starts a command.</summary>
    public RunningCommand Start(params string[] words) => StartProgram(program, [program, "--root", Sandbox.StateRoot, .. words]);

    /// <summary>Starts a command under strace(1).</summary>
    /// <param name="options">Of strace.</param>
    /// <param name="words">Of the runtime.</param>
    public RunningCommand StartTraced(IEnumerable<string> options, params string[] words) =>
        StartProgram("/usr/bin/strace", ["strace", "-qq", .. options, program, "--root", Sandbox.StateRoot, .. words]);

    private RunningCommand StartProgram(string path, string[] arguments)
    {
        OwnedFd output = FileIo.Open(Sys.AT_FDCWD, "/tmp", O.TMPFILE | O.RDWR, 0x180);
        int pid = Spawn.Start(path, arguments, ["PATH=/usr/bin:/bin"], [new(_null.Value, 0), new(output.Value, 1), new(output.Value, 2)], newSession: false);
        return new RunningCommand(LinuxException.ThrowIfError(pid, "start", path), output);
    }
}

/// <summary>A command that runs.</summary>
internal sealed class RunningCommand(int pid, OwnedFd output) : IDisposable
{
    private const int MostText = 16 << 20;

    private readonly OwnedFd _pidfd = OwnedFd.FromAnswer(Sys.pidfd_open(pid), "pidfd_open");

    public int Pid => pid;

    /// <summary>Kills it.</summary>
    public void Kill() => _ = Sys.pidfd_send_signal(_pidfd.Value, SIG.KILL); // ignored: it may have ended by itself

    /// <summary>Kills its children: the first process of a container that it makes.</summary>
    public void KillChildren()
    {
        string? children = FileIo.TryReadText($"/proc/{pid}/task/{pid}/children");
        foreach (string child in (children ?? "").Split(' ', StringSplitOptions.RemoveEmptyEntries))
            _ = Sys.kill(int.Parse(child), SIG.KILL); // ignored: it may have ended by itself
    }

    /// <summary>Waits for its end, or kills it.</summary>
    public Outcome Wait(int milliseconds)
    {
        Span<pollfd> end = [new pollfd { fd = _pidfd.Value, events = POLL.IN }];
        long began = Stopwatch.GetTimestamp();
        int left = milliseconds;
        int ready;
        do
        {
            ready = Sys.poll(end, left);
            left = milliseconds - (int)Stopwatch.GetElapsedTime(began).TotalMilliseconds;
        }
        while (Sys.Is(ready, Errno.EINTR) && left > 0);
        string hanging = "";
        if (ready <= 0)
        {
            hanging = Where();
            Kill();
        }
        LinuxException.ThrowIfError(Sys.waitid(P.PIDFD, _pidfd.Value, out siginfo_t info, W.EXITED), "wait");
        const int Exited = 1; // CLD_EXITED
        string said = Said() + hanging;
        return info.si_code == Exited ? new Outcome(info.si_status, 0, said, ready <= 0) : new Outcome(-1, info.si_status, said, ready <= 0);
    }

    public void Dispose()
    {
        _pidfd.Dispose();
        output.Dispose();
    }

    private string Said()
    {
        byte[] text = new byte[Math.Clamp(Sys.lseek(output.Value, 0, 2 /* SEEK_END */), 0, MostText)];
        nint got = Math.Max(0, Sys.pread(output.Value, text, 0));
        return Encoding.UTF8.GetString(text, 0, (int)got);
    }

    private string Where() => $"hangs in {FileIo.TryReadText($"/proc/{pid}/wchan")} {FileIo.TryReadText($"/proc/{pid}/syscall")}";
}

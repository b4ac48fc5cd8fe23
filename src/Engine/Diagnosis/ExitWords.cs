using Rundlet.Linux;
using Rundlet.Runtime.Supervision;
using Rundlet.Syscalls;

namespace Rundlet.Engine.Diagnosis;

/// <summary>What an exit code means, in words.</summary>
internal static class ExitWords
{
    /// <summary>How a container ended, and what that usually comes from.</summary>
    /// <param name="exit">Its end.</param>
    public static Finding Of(ExitRecord exit)
    {
        if (exit.Signal is { } signal)
            return OfSignal(exit, signal);
        return exit.ExitCode switch
        {
            0 => new Finding("its program ended by itself, with code 0: success", "if it was to go on, it must stay in the foreground: a service that puts itself into the background ends its container"),
            125 => new Finding("its program ended with code 125"),
            126 => new Finding("its program ended with code 126: a shell has it for a command that could not be executed", "look at the last lines of the log for its name"),
            127 => new Finding("its program ended with code 127: shells have it for a command that was not found, and the loader for a library", "look at the last lines of the log for its name"),
            ExitRecord.UnknownExitCode when exit.Error is not null => new Finding("nobody saw its end: its code is shown as 255"),
            > 128 and <= 128 + 64 => new Finding($"its program ended with code {exit.ExitCode}: a shell has it for a command that {SignalNames.NameOf(exit.ExitCode - 128)} ended{Meaning(exit.ExitCode - 128)}"),
            _ => new Finding($"its program ended by itself, with code {exit.ExitCode}: an error of its own", "the last lines of the log may say which"),
        };
    }

    private static Finding OfSignal(ExitRecord exit, int signal)
    {
        string text = $"its program was ended by {SignalNames.NameOf(signal)}{Meaning(signal)}, which is shown as code {exit.ExitCode}";
        return signal switch
        {
            SIG.KILL when exit.OomKilled => new Finding(text),
            SIG.KILL when exit.Stopped => new Finding($"{text}: it did not end in the time that stop gave it", "let it end at SIGTERM, name its own signal by --stop-signal, or give it more time by --stop-timeout; as pid 1 a program ends at SIGTERM only if it handles it: --init"),
            SIG.KILL => new Finding($"{text}: rundlet kill, or somebody on this machine"),
            SIG.TERM or SIG.INT or SIG.QUIT or SIG.HUP when exit.Stopped => new Finding($"{text}: it was asked to stop"),
            SIG.SYS => new Finding(text, "it made a system call that its seccomp filter does not allow: --security-opt seccomp=FILE names another one"),
            SIG.ILL => new Finding(text, "it was compiled for another kind of processor than this one"),
            _ => new Finding(text),
        };
    }

    private static string Meaning(int signal) => signal switch
    {
        SIG.SEGV => " (it touched memory that is not its own)",
        SIG.ABRT => " (it gave up by itself: abort)",
        SIG.BUS => " (it touched memory that is not there)",
        SIG.FPE => " (it divided by zero)",
        SIG.ILL => " (an instruction that the processor does not know)",
        SIG.PIPE => " (it wrote to somebody who was gone)",
        SIG.SYS => " (a system call that is not allowed)",
        _ => "",
    };
}

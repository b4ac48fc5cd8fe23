using Rundlet.Cli.CommandLine;
using Rundlet.Linux;

namespace Rundlet.Cli.Output.Progress;

/// <summary>Which display a command uses, and the flags that say so.</summary>
internal static class ProgressDisplay
{
    /// <summary>The flags of a command that shows progress.</summary>
    public static IReadOnlyList<Option> Options { get; } =
    [
        new("quiet", 'q', null, "print only the result"),
        new("progress", null, "auto|tty|plain|json", "how to show progress (default auto: tty on a terminal, else plain)"),
    ];

    /// <summary>Whether only the result is wanted.</summary>
    public static bool IsQuiet(Arguments arguments) => arguments.Has("quiet");

    /// <summary>The display that the flags ask for.</summary>
    /// <param name="arguments">With the flags above.</param>
    /// <param name="fd">Where to show it: 1, or 2 where standard output is somebody else's.</param>
    /// <param name="unasked">Whether something is shown where there is no terminal, and no flag asks for it.</param>
    /// <exception cref="ContainerException">InvalidArgument: there is no such display.</exception>
    public static IProgressDisplay Open(Arguments arguments, int fd = 1, bool unasked = true)
    {
        string wanted = IsQuiet(arguments) ? "quiet" : arguments.Value("progress") ?? "auto";
        return wanted switch
        {
            "quiet" => new SilentProgress(),
            "plain" => new PlainProgress(text => Out.TextTo(fd, text)),
            "json" => new JsonProgress(text => Out.TextTo(fd, text), TimeProvider.System),
            "tty" => Terminal(fd),
            "auto" => Out.IsTerminal(fd) && Environment.GetEnvironmentVariable("TERM") is not (null or "" or "dumb") ? Terminal(fd)
                : unasked ? new PlainProgress(text => Out.TextTo(fd, text)) : new SilentProgress(),
            _ => throw new ContainerException(ContainerErrorKind.InvalidArgument, $"unknown progress '{wanted}'") { Hint = "there are auto, tty, plain and json" },
        };
    }

    /// <summary>A display on a terminal.</summary>
    public static IProgressDisplay OnTerminal(int fd) => Terminal(fd);

    private static TerminalProgress Terminal(int fd) => new(
        text => Out.TextTo(fd, text),
        () => Out.SizeOf(fd),
        TimeProvider.System);
}

using System.Text;
using Rundlet.Cli.CommandLine;
using Rundlet.Engine;
using Rundlet.Syscalls;

namespace Rundlet.Cli;

/// <summary>What the flags before the command say, and the engine they lead to.</summary>
internal sealed class Session(Arguments arguments, CommandTable commands)
{
    /// <summary>The flags before the command.</summary>
    public static readonly IReadOnlyList<Option> Options =
    [
        new("root", null, "DIR", "folder of images and containers (default /var/lib/rundlet, or RUNDLET_ROOT)"),
        new("run-root", null, "DIR", "folder of sockets and pids (default /run/rundlet, or RUNDLET_RUN_ROOT)"),
        new("debug", null, null, "show where an error came from"),
        new("version", 'v', null, "print the version"),
        new("help", 'h', null, "print this"),
    ];

    /// <summary>Whether errors show where they came from.</summary>
    public bool Debug => arguments.Has("debug");

    /// <summary>All commands.</summary>
    public CommandTable Commands => commands;

    /// <summary>Opens the engine; whoever asks disposes it.</summary>
    public ContainerEngine OpenEngine()
    {
        string root = Place("root", "RUNDLET_ROOT", EnginePaths.Default.Root), run = Place("run-root", "RUNDLET_RUN_ROOT", EnginePaths.Default.RunRoot);
        ContainerEngine engine = ContainerEngine.Open(new EnginePaths(root, run), Supervisor(), EmbeddedImage);
        foreach (Exception warning in engine.Warnings)
            ErrorReport.Warn(warning);
        return engine;
    }

    private string Place(string flag, string variable, string otherwise)
    {
        string path = arguments.Value(flag) ?? Environment.GetEnvironmentVariable(variable) ?? otherwise;
        return path.Length > 0 ? Path.GetFullPath(path) : otherwise;
    }

    // The image of `hello`, packed by its build; a build without it has none.
    private static Stream? EmbeddedImage() => typeof(Session).Assembly.GetManifestResourceStream("hello.tar");

    // Beside this very program, wherever it was started from.
    private static string? Supervisor()
    {
        if (Environment.GetEnvironmentVariable("RUNDLET_SUPERVISOR") is { Length: > 0 } named)
            return Path.GetFullPath(named);
        Span<byte> target = stackalloc byte[4096];
        int length = Sys.readlinkat(Sys.AT_FDCWD, "/proc/self/exe", target);
        return length > 0 && length < target.Length
            ? Path.Combine(Path.GetDirectoryName(Encoding.UTF8.GetString(target[..length]))!, "rundlet-supervisor")
            : null;
    }
}

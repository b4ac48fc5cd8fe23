using System.Text;
using Rundlet.Linux;
using Rundlet.Runcs.CommandLine;
using Rundlet.Syscalls;

namespace Rundlet.Runcs;

/// <summary>
/// How a failed command says so: one line on stderr, and one object or line in the log file, which callers parse
/// (podman takes the whole file as one object).
/// </summary>
internal static class ErrorReport
{
    private static GlobalOptions? s_global;

    /// <summary>Where the log is and what goes there; from then on warnings are logged too where the level asks for them.</summary>
    public static void Use(GlobalOptions global) => s_global = global;

    /// <summary>Writes both.</summary>
    public static void Write(Exception failure)
    {
        string message = OneLine(failure.Message);
        string hint = ContainerException.HintOf(failure) is { } cure ? $"hint: {OneLine(cure)}\n" : "";
        _ = Sys.write(2, Encoding.UTF8.GetBytes($"runcs: {message}\n{hint}")); // ignored: there is nobody else to tell
        LogSink.Write(s_global, isError: true, message);
    }

    /// <summary>Something that went wrong and stopped nothing: on stderr. The log gets it only with <c>--log-level warning</c>, as callers read it as the error of a failed command.</summary>
    public static void Warn(string message)
    {
        string line = OneLine(message);
        _ = Sys.write(2, Encoding.UTF8.GetBytes($"runcs: warning: {line}\n")); // ignored: there is nobody else to tell
        if (s_global is { LogsWarnings: true })
            LogSink.Write(s_global, isError: false, line);
    }

    /// <summary>A text without control characters.</summary>
    // A name from an image or a config may hold a line break and would forge a second record.
    public static string OneLine(string text)
    {
        StringBuilder line = new(text.Length);
        foreach (char c in text)
        {
            if (char.IsControl(c))
                line.Append('?');
            else
                line.Append(c);
        }
        return line.ToString();
    }
}

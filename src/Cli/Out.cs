using System.Text;
using Rundlet.Linux;
using Rundlet.Syscalls;

namespace Rundlet.Cli;

/// <summary>
/// Standard output and standard error, straight to the fd: the console class takes a millisecond to find out about
/// encodings and terminals.
/// </summary>
internal static class Out
{
    private const int StandardOutput = 1;
    private const int StandardError = 2;

    /// <summary>Writes text as it is.</summary>
    public static void Text(string text) => TextTo(StandardOutput, text);

    /// <summary>Writes text to standard output, 1, or standard error, 2.</summary>
    public static void TextTo(int fd, string text) => FileIo.WriteAll(fd, Encoding.UTF8.GetBytes(text), fd == StandardError ? "standard error" : "standard output");

    /// <summary>Writes a line.</summary>
    public static void Line(string text) => Text(text + "\n");

    /// <summary>Writes a line to standard error; an error in doing so has nobody to go to.</summary>
    public static void Error(string line)
    {
        byte[] bytes = Encoding.UTF8.GetBytes(line + "\n");
        _ = Sys.write(StandardError, bytes); // ignored: there is no other place to tell it
    }

    /// <summary>The size of the terminal that an fd is; of one that does not say, as on a serial line, the usual one.</summary>
    public static (int Columns, int Rows) SizeOf(int fd) => Linux.RawTerminal.TrySizeOf(fd) is { Rows: > 0, Columns: > 0 } size ? (size.Columns, size.Rows) : (80, 24);

    /// <summary>Whether an fd is a terminal.</summary>
    public static bool IsTerminal(int fd) => Linux.RawTerminal.TrySizeOf(fd) is not null;
}

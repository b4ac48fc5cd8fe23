using System.Text;
using Rundlet.Linux;
using Rundlet.Oci;
using Rundlet.Runcs.CommandLine;
using Rundlet.Syscalls;

namespace Rundlet.Runcs;

/// <summary>
/// How a failed command says so: one line on stderr, and one object or line in the log file, which callers parse
/// (podman takes the whole file as one object).
/// </summary>
internal static class ErrorReport
{
    /// <summary>Writes both.</summary>
    public static void Write(GlobalOptions? global, Exception failure)
    {
        string message = OneLine(failure.Message);
        string hint = ContainerException.HintOf(failure) is { } cure ? $"hint: {OneLine(cure)}\n" : "";
        _ = Sys.write(2, Encoding.UTF8.GetBytes($"runcs: {message}\n{hint}")); // ignored: there is nobody else to tell
        if (global?.Log is { Length: > 0 } log)
            AppendTo(log, global.LogAsJson ? JsonLine(message) : TextLine(message));
    }

    /// <summary>Something that went wrong and stopped nothing: on stderr. The log file is left alone, callers read it as the error of a failed command.</summary>
    public static void Warn(string message) =>
        _ = Sys.write(2, Encoding.UTF8.GetBytes($"runcs: warning: {OneLine(message)}\n")); // ignored: there is nobody else to tell

    // A name from an image or a config may hold a line break and would forge a second record.
    private static string OneLine(string text)
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

    private static void AppendTo(string path, byte[] record)
    {
        int fd = Sys.openat(Sys.AT_FDCWD, path, O.WRONLY | O.CREAT | O.APPEND, 0x180 /* 0600 */);
        if (fd < 0)
        {
            _ = Sys.write(2, Encoding.UTF8.GetBytes($"runcs: open log '{path}': {ErrnoText.Name(Sys.ErrorOf(fd))}\n")); // ignored: as above
            return;
        }
        using OwnedFd owned = new(fd);
        _ = Sys.write(fd, record); // ignored: as above
    }

    private static byte[] JsonLine(string message)
    {
        JsonWriter json = new();
        json.WriteStartObject();
        json.WriteString("level"u8, "error"u8);
        json.WriteString("msg"u8, message);
        json.WriteString("time"u8, Timestamp.Of(DateTimeOffset.UtcNow));
        json.WriteEndObject();
        json.EndLine();
        return json.ToArray();
    }

    private static byte[] TextLine(string message) =>
        Encoding.UTF8.GetBytes($"time=\"{Timestamp.Of(DateTimeOffset.UtcNow)}\" level=error msg=\"{message.Replace("\\", "\\\\").Replace("\"", "\\\"")}\"\n");
}

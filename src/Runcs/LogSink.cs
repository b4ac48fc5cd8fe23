using System.Text;
using Rundlet.Linux;
using Rundlet.Oci;
using Rundlet.Runcs.CommandLine;
using Rundlet.Syscalls;

namespace Rundlet.Runcs;

/// <summary>Where <c>--log</c> leads: a file, or with <c>journald:ID</c> and <c>syslog:ID</c> the log service of the machine.</summary>
internal static class LogSink
{
    private const int ErrorPriority = 3; // syslog(3)
    private const int WarningPriority = 4;
    private const int DaemonFacility = 3 << 3;

    /// <summary>Writes one record, where there is a log at all.</summary>
    public static void Write(GlobalOptions? global, bool isError, string message)
    {
        if (global?.Log is not { Length: > 0 } log)
            return;
        int priority = isError ? ErrorPriority : WarningPriority;
        if (log.StartsWith("journald:", StringComparison.Ordinal))
            Send("/run/systemd/journal/socket", $"PRIORITY={priority}\nSYSLOG_IDENTIFIER=runcs\nID={ErrorReport.OneLine(log["journald:".Length..])}\nMESSAGE={message}\n");
        else if (log.StartsWith("syslog:", StringComparison.Ordinal))
            Send("/dev/log", $"<{DaemonFacility | priority}>runcs[{Sys.getpid()}]: {ErrorReport.OneLine(log["syslog:".Length..])} {message}");
        else
            Append(log.StartsWith("file:", StringComparison.Ordinal) ? log["file:".Length..] : log, global.LogAsJson ? JsonLine(isError, message) : TextLine(isError, message));
    }

    private static void Send(string path, string text)
    {
        byte[] address = [(byte)AF.UNIX, 0, .. Encoding.UTF8.GetBytes(path), 0];
        int fd = Sys.socket(AF.UNIX, SOCK.DGRAM, 0);
        if (fd < 0)
        {
            Complain(path, fd);
            return;
        }
        using OwnedFd socket = new(fd);
        nint sent = Sys.sendto(fd, Encoding.UTF8.GetBytes(text), MSG.NOSIGNAL, address);
        if (sent < 0)
            Complain(path, (int)sent);
    }

    private static void Append(string path, byte[] record)
    {
        int fd = Sys.openat(Sys.AT_FDCWD, path, O.WRONLY | O.CREAT | O.APPEND | O.NONBLOCK | O.NOCTTY, 0x180 /* 0600 */); // a pipe that nobody reads is no reason to wait
        if (fd < 0)
        {
            Complain(path, fd);
            return;
        }
        using OwnedFd owned = new(fd);
        _ = Sys.write(fd, record); // ignored: there is nobody else to tell
    }

    private static void Complain(string path, int answer) =>
        _ = Sys.write(2, Encoding.UTF8.GetBytes($"runcs: open log '{ErrorReport.OneLine(path)}': {ErrnoText.Name(Sys.ErrorOf(answer))}\n")); // ignored: as above

    private static byte[] JsonLine(bool isError, string message)
    {
        JsonWriter json = new();
        json.WriteStartObject();
        json.WriteString("level"u8, isError ? "error"u8 : "warning"u8);
        json.WriteString("msg"u8, message);
        json.WriteString("time"u8, Timestamp.Of(DateTimeOffset.UtcNow));
        json.WriteEndObject();
        json.EndLine();
        return json.ToArray();
    }

    private static byte[] TextLine(bool isError, string message) =>
        Encoding.UTF8.GetBytes($"time=\"{Timestamp.Of(DateTimeOffset.UtcNow)}\" level={(isError ? "error" : "warning")} msg=\"{message.Replace("\\", "\\\\").Replace("\"", "\\\"")}\"\n");
}

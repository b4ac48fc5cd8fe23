using Rundlet.Linux;
using Rundlet.Syscalls;

namespace Rundlet.Engine.Logs;

/// <summary>
/// Waits until journald has put away what it was sent before: its varlink method <c>io.systemd.Journal.Synchronize</c>, as
/// <c>journalctl --sync</c> calls it.
/// </summary>
internal static class JournalSync
{
    private const string Path = "/run/systemd/journal/io.systemd.journal";
    private const int Milliseconds = 5_000;

    /// <summary>Waits; comes back at once where no journald runs, and after a while where it does not answer.</summary>
    public static void Run()
    {
        using OwnedFd? socket = UnixSocket.TryConnect(Path, SOCK.STREAM);
        if (socket is null || Sys.send(socket.Value, "{\"method\":\"io.systemd.Journal.Synchronize\"}\0"u8, MSG.NOSIGNAL) < 0)
            return;
        Span<pollfd> answer = [new pollfd { fd = socket.Value, events = POLL.IN }];
        _ = Sys.poll(answer, Milliseconds); // ignored: the log is shown as far as it is there
    }
}

using System.Text;
using Rundlet.Linux;
using Rundlet.Syscalls;

namespace Rundlet.Supervisor;

/// <summary>Where a supervisor that has nobody to talk to any more says what went wrong: <c>supervisor.log</c> in the run folder.</summary>
internal static class Trouble
{
    /// <summary>The file's name.</summary>
    public const string FileName = "supervisor.log";

    /// <summary>Adds a line to the file.</summary>
    public static void Note(OwnedFd runFolder, string text)
    {
        int fd = Sys.openat(runFolder.Value, FileName, O.WRONLY | O.CREAT | O.APPEND | O.NOFOLLOW, 0x180 /* 0600 */);
        if (fd < 0)
            return;
        using OwnedFd file = new(fd);
        _ = Sys.write(fd, Encoding.UTF8.GetBytes($"{DateTime.UtcNow:O} {text}\n")); // ignored: this was the last place to tell it
    }
}

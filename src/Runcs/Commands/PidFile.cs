using System.Globalization;
using System.Text;
using Rundlet.Linux;
using Rundlet.Syscalls;

namespace Rundlet.Runcs.Commands;

/// <summary>The file that <c>--pid-file</c> names: decimal digits, no line break.</summary>
internal static class PidFile
{
    /// <summary>Writes it; a reader sees all of it or nothing.</summary>
    /// <exception cref="LinuxException">The folder cannot be written.</exception>
    public static void Write(string path, int pid)
    {
        string full = Path.GetFullPath(path);
        using OwnedFd folder = FileIo.Open(Sys.AT_FDCWD, Path.GetDirectoryName(full)!, O.RDONLY | O.DIRECTORY);
        FileIo.Replace(folder.Value, Path.GetFileName(full), Encoding.ASCII.GetBytes(pid.ToString(CultureInfo.InvariantCulture)), 0x1A4 /* 0644 */, durable: false);
    }
}

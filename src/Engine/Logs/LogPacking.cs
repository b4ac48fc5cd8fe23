using System.IO.Compression;
using Microsoft.Win32.SafeHandles;
using Rundlet.Linux;
using Rundlet.Runtime.Supervision;
using Rundlet.Syscalls;

namespace Rundlet.Engine.Logs;

/// <summary>
/// Packs the rotated files of a log. Started by the supervisor after a rotation, and killed by it when the container ends:
/// <code>
/// log.7 ──► .log.7.gz.tmp ──► log.7.gz, of the same time ──► log.7 is removed
/// </code>
/// Killed between any two steps, the next one begins anew; readers take the whole file as long as it is there.
/// </summary>
public static class LogPacking
{
    private const int Block = 64 << 10;
    private const int Nice = 10;

    /// <summary>Packs what there is, until there is nothing more.</summary>
    /// <param name="path">The current file's absolute path.</param>
    /// <exception cref="LinuxException">The kernel refused.</exception>
    public static void Run(string path)
    {
        _ = Sys.prctl(PR.SET_PDEATHSIG, SIG.KILL); // ignored: cannot fail. Nobody would kill it before the folder is removed
        _ = Sys.setpriority(0, 0, Nice); // ignored: then it is no less important than others
        string folder = Path.GetDirectoryName(path)!, name = Path.GetFileName(path);
        using OwnedFd dirfd = FileIo.Open(Sys.AT_FDCWD, folder, O.RDONLY | O.DIRECTORY);
        while (true)
        {
            List<RotatedLog> whole = RotatedLog.List(path).FindAll(file => !file.IsPacked);
            if (whole.Count == 0)
                return;
            foreach (RotatedLog file in whole)
                Pack(dirfd, file.NameFor(name), (file with { IsPacked = true }).NameFor(name));
        }
    }

    private static void Pack(OwnedFd folder, string name, string packed)
    {
        int answer = Sys.openat(folder.Value, name, O.RDONLY | O.NOFOLLOW);
        if (Sys.Is(answer, Errno.ENOENT))
            return; // it was one too many
        using OwnedFd source = OwnedFd.FromAnswer(answer, "open", name);
        LinuxException.ThrowIfError(Sys.statx(source.Value, "", AT.EMPTY_PATH, STATX.MODE | STATX.MTIME, out statx_t status), "stat", name);
        string temporary = $".{packed}.tmp";
        _ = Sys.unlinkat(folder.Value, temporary, 0); // ignored: there is one only after a kill
        Compress(source, FileIo.Open(folder.Value, temporary, O.WRONLY | O.CREAT | O.EXCL | O.NOFOLLOW, status.stx_mode & 0x1FFu), name);
        timespec written = new() { tv_sec = status.stx_mtime.tv_sec, tv_nsec = status.stx_mtime.tv_nsec };
        LinuxException.ThrowIfError(Sys.utimensat(folder.Value, temporary, written, written, AT.SYMLINK_NOFOLLOW), "set the time of", temporary);
        LinuxException.ThrowIfError(Sys.renameat2(folder.Value, temporary, folder.Value, packed, 0), "rename", temporary);
        // Removed by a rotation meanwhile, it is one too many in this form too.
        if (Sys.Is(Sys.unlinkat(folder.Value, name, 0), Errno.ENOENT))
            _ = Sys.unlinkat(folder.Value, packed, 0); // ignored: the rotation may have been faster here as well
    }

    private static void Compress(OwnedFd source, OwnedFd target, string name)
    {
        using var file = new FileStream(new SafeFileHandle(target.Release(), ownsHandle: true), FileAccess.Write, bufferSize: 0);
        using var gzip = new GZipStream(file, CompressionLevel.Fastest);
        byte[] block = new byte[Block];
        while (true)
        {
            nint got = Sys.read(source.Value, block);
            if (Sys.Is(got, Errno.EINTR))
                continue;
            if (LinuxException.ThrowIfError(got, "read", name) == 0)
                return;
            gzip.Write(block, 0, (int)got);
        }
    }
}

using System.Text;
using Rundlet.Linux;
using Rundlet.Syscalls;

namespace Rundlet.Engine.Diagnosis;

/// <summary>Looks at files beneath a container's root: links stay beneath it, nothing but a regular file is ever opened for reading.</summary>
/// <param name="root">The root.</param>
internal sealed class RootFiles(OwnedFd root)
{
    /// <summary>What a path leads to.</summary>
    /// <param name="path">Absolute inside the root.</param>
    /// <param name="status">Its kind and mode.</param>
    /// <returns>False where nothing is there, or a link leads nowhere.</returns>
    public bool TryStat(string path, out statx_t status)
    {
        status = default;
        using OwnedFd? file = TryOpen(path);
        return file is not null && Sys.statx(file.Value, "", AT.EMPTY_PATH, STATX.TYPE | STATX.MODE, out status) >= 0;
    }

    /// <summary>Whether a path leads to a file that may be executed by somebody.</summary>
    public bool IsProgram(string path) => TryStat(path, out statx_t status) && (status.stx_mode & S.IFMT) == S.IFREG && (status.stx_mode & 0x49 /* 0111 */) != 0;

    /// <summary>Bytes of a regular file.</summary>
    /// <param name="path">Absolute inside the root.</param>
    /// <param name="offset">Where they begin.</param>
    /// <param name="count">How many at most.</param>
    /// <returns>Empty where there are none.</returns>
    public byte[] Read(string path, long offset, int count)
    {
        using OwnedFd? file = TryOpen(path);
        if (file is null || Sys.statx(file.Value, "", AT.EMPTY_PATH, STATX.TYPE, out statx_t status) < 0 || (status.stx_mode & S.IFMT) != S.IFREG)
            return [];
        int answer = Sys.openat(Sys.AT_FDCWD, $"/proc/self/fd/{file.Value}", O.RDONLY | O.NONBLOCK | O.NOCTTY);
        if (answer < 0)
            return [];
        using OwnedFd readable = new(answer);
        byte[] bytes = new byte[count];
        int length = 0;
        while (length < count)
        {
            nint got = Sys.pread(readable.Value, bytes.AsSpan(length), offset + length);
            if (Sys.Is(got, Errno.EINTR))
                continue;
            if (got <= 0)
                break;
            length += (int)got;
        }
        return bytes[..length];
    }

    /// <summary>A small text file; null where there is none.</summary>
    public string? TryReadText(string path)
    {
        const int Limit = 64 << 10;
        byte[] bytes = Read(path, 0, Limit);
        return bytes.Length == 0 ? null : Encoding.UTF8.GetString(bytes);
    }

    /// <summary>The names in a folder; none where there is no folder.</summary>
    public List<string> Names(string path)
    {
        int answer = Sys.openat2(root.Value, path, (ulong)(uint)(O.RDONLY | O.DIRECTORY), RESOLVE.IN_ROOT | RESOLVE.NO_MAGICLINKS, 0);
        if (answer < 0)
            return [];
        using OwnedFd folder = new(answer);
        return FolderList.Of(folder.Value, path);
    }

    private OwnedFd? TryOpen(string path)
    {
        int answer = Sys.openat2(root.Value, path, (ulong)(uint)O.PATH, RESOLVE.IN_ROOT | RESOLVE.NO_MAGICLINKS, 0);
        return answer >= 0 ? new OwnedFd(answer) : null;
    }
}

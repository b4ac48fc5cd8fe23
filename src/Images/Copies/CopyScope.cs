using Rundlet.Images.Files;
using Rundlet.Linux;
using Rundlet.Syscalls;

namespace Rundlet.Images.Copies;

/// <summary>A folder that is copied to, and where paths from it may lead.</summary>
/// <param name="Folder">An <c>O_PATH</c> fd of it; stays the caller's.</param>
/// <param name="Whose">Whose files these are, for messages.</param>
public sealed record CopyScope(int Folder, string Whose)
{
    /// <summary>
    /// An fd of the root that symbolic links on the way are resolved in, as a process with that root would; null where no link is followed:
    /// then nobody but us makes folders there, and a link in place of one was planted.
    /// </summary>
    public int? Root { get; init; }

    /// <summary>The path of <see cref="Folder"/> from <see cref="Root"/>, where there is one.</summary>
    public byte[] Path { get; init; } = [];

    /// <summary>Opens a folder by its path from <see cref="Folder"/>, and makes what is missing, mode 0755.</summary>
    /// <param name="path">The path; a slash in front counts for nothing.</param>
    /// <returns>An <c>O_PATH</c> fd.</returns>
    /// <exception cref="LinuxException">The kernel refused.</exception>
    public OwnedFd Ensure(string path) => EnsureBeneath(Folder, System.Text.Encoding.UTF8.GetBytes(path.Trim('/')));

    internal OwnedFd Open() => OwnedFd.FromAnswer(Sys.openat(Folder, ".", O.PATH | O.DIRECTORY), "open folder");

    /// <summary>Opens a folder beneath, an <c>O_PATH</c> fd.</summary>
    /// <param name="folder">An fd of <see cref="Folder"/>.</param>
    /// <param name="path">The path; empty for the folder itself.</param>
    internal OwnedFd OpenBeneath(int folder, byte[] path) => OwnedFd.FromAnswer(TryOpen(folder, path), "open folder", ByteText.Show(path));

    /// <summary>The same, and makes what is missing, mode 0755.</summary>
    internal OwnedFd EnsureBeneath(int folder, byte[] path)
    {
        int answer = TryOpen(folder, path);
        if (!Sys.Is(answer, Errno.ENOENT))
            return OwnedFd.FromAnswer(answer, "open folder", ByteText.Show(path));
        for (int end = 0; end < path.Length;)
        {
            int start = end == 0 ? 0 : end + 1;
            int length = path.AsSpan(start).IndexOf((byte)'/');
            end = length < 0 ? path.Length : start + length;
            using OwnedFd parent = OpenBeneath(folder, path[..Math.Max(0, start - 1)]);
            int made = Sys.mkdirat(parent.Value, path[start..end], FileModes.PublicFolder);
            if (!Sys.Is(made, Errno.EEXIST))
                LinuxException.ThrowIfError(made, "make folder", ByteText.Show(path[..end]));
        }
        return OpenBeneath(folder, path);
    }

    private int TryOpen(int folder, byte[] path)
    {
        const int Flags = O.PATH | O.DIRECTORY;
        if (path.Length == 0)
            return Sys.openat(folder, ".", Flags);
        while (true)
        {
            int answer = Root is { } root
                ? Sys.openat2(root, Path.Length == 0 ? path : [.. Path, (byte)'/', .. path], Flags, RESOLVE.IN_ROOT | RESOLVE.NO_MAGICLINKS)
                : Sys.openat2(folder, path, Flags, RESOLVE.BENEATH | RESOLVE.NO_SYMLINKS);
            if (!Sys.Is(answer, Errno.EAGAIN)) // a race with some rename on the machine could not be ruled out
                return answer;
        }
    }
}

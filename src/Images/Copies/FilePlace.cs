using System.Text;
using Rundlet.Linux;
using Rundlet.Syscalls;

namespace Rundlet.Images.Copies;

/// <summary>
/// Where a path leads: a name in a folder that is held open, and what is there, or nothing. Looked up as a process with that root would,
/// to the last component; that one only where it is asked for.
/// </summary>
public sealed class FilePlace : IDisposable
{
    private const int MaxLinks = 40; // the kernel's own

    private readonly OwnedFd _folder;

    private FilePlace(FileRoot root, OwnedFd folder, byte[] path, byte[] name, statx_t? stat)
    {
        Root = root;
        _folder = folder;
        Path = path;
        Name = name;
        Type = stat is { } found ? found.stx_mode & S.IFMT : 0;
    }

    /// <summary>The root that it was looked up in.</summary>
    public FileRoot Root { get; }

    /// <summary>An <c>O_PATH</c> fd of the folder.</summary>
    public int Folder => _folder.Value;

    /// <summary>The folder's path from the root, without a slash in front; empty for the root.</summary>
    public byte[] Path { get; }

    /// <summary>The name in the folder; a dot when the path is that of the folder itself.</summary>
    public byte[] Name { get; }

    /// <summary>What is there, as <see cref="S"/> has it; 0 for nothing.</summary>
    public uint Type { get; }

    /// <summary>Whether something is there.</summary>
    public bool Exists => Type != 0;

    /// <summary>Whether a folder is there.</summary>
    public bool IsFolder => Type == S.IFDIR;

    /// <summary>Looks a path up.</summary>
    /// <param name="root">Where.</param>
    /// <param name="path">The path, taken as absolute; a slash at its end asks for what a link there leads to.</param>
    /// <param name="follow">Whether a link in the last component is followed.</param>
    /// <exception cref="ContainerException">NotFound: a folder on the way is not there; InvalidArgument: too many links.</exception>
    public static FilePlace Find(FileRoot root, string path, bool follow)
    {
        follow |= AsksForFolder(path);
        byte[] wanted = Encoding.UTF8.GetBytes(CopyPath.Clean(path));
        for (int links = 0; links < MaxLinks; links++)
        {
            FilePlace place = Step(root, wanted, path);
            if (!follow || place.Type != S.IFLNK)
                return place;
            using (place)
                wanted = place.TryTarget() ?? wanted; // no link any more: another look
        }
        throw new ContainerException(ContainerErrorKind.InvalidArgument, $"too many symbolic links at '{path}' in {root.Whose}");
    }

    /// <summary>Whether a path says that a folder is meant: it ends in a slash, or in a dot behind one.</summary>
    public static bool AsksForFolder(string path) => path.EndsWith('/') || path.EndsWith("/.", StringComparison.Ordinal) || path is "." or "..";

    /// <summary>Opens what is there: an <c>O_PATH</c> fd; a link itself, not what it leads to.</summary>
    /// <exception cref="LinuxException">The kernel refused.</exception>
    public OwnedFd Open() => OwnedFd.FromAnswer(Sys.openat(Folder, Name, O.PATH | O.NOFOLLOW), "open", ByteText.Show(Name));

    /// <inheritdoc/>
    public void Dispose() => _folder.Dispose();

    private static FilePlace Step(FileRoot root, byte[] path, string shown)
    {
        ReadOnlySpan<byte> rest = path.AsSpan().Trim((byte)'/');
        int slash = rest.LastIndexOf((byte)'/');
        ReadOnlySpan<byte> last = rest[(slash + 1)..];
        bool isFolder = last.IsEmpty || last.SequenceEqual("."u8) || last.SequenceEqual(".."u8);
        byte[] parent = isFolder ? rest.ToArray() : rest[..Math.Max(0, slash)].ToArray(), name = isFolder ? "."u8.ToArray() : last.ToArray();
        int answer = root.Open(parent.Length == 0 ? "."u8.ToArray() : parent, O.PATH | O.DIRECTORY);
        if (Sys.Is(answer, Errno.ENOENT) || Sys.Is(answer, Errno.ENOTDIR))
            throw new ContainerException(ContainerErrorKind.NotFound, $"no such folder '/{ByteText.Show(parent)}' in {root.Whose}");
        if (Sys.Is(answer, Errno.ELOOP) || Sys.Is(answer, Errno.ENAMETOOLONG))
            throw new ContainerException(ContainerErrorKind.InvalidArgument, $"'{shown}' in {root.Whose}: {(Sys.Is(answer, Errno.ELOOP) ? "too many symbolic links" : "the path is too long")}");
        OwnedFd folder = OwnedFd.FromAnswer(answer, "open", ByteText.Show(parent));
        try
        {
            int found = Sys.statx(folder.Value, name, AT.SYMLINK_NOFOLLOW, STATX.TYPE, out statx_t stat);
            if (!Sys.Is(found, Errno.ENOENT))
                LinuxException.ThrowIfError(found, "stat", shown);
            return new FilePlace(root, folder, parent, name, found < 0 ? null : stat);
        }
        catch (LinuxException)
        {
            folder.Dispose();
            throw;
        }
    }

    /// <summary>The path of what the link there leads to; null when somebody has replaced it.</summary>
    private byte[]? TryTarget()
    {
        byte[] target = new byte[4096];
        int length = Sys.readlinkat(Folder, Name, target);
        if (Sys.Is(length, Errno.EINVAL) || Sys.Is(length, Errno.ENOENT))
            return null;
        LinuxException.ThrowIfError(length, "read link", ByteText.Show(Name));
        ReadOnlySpan<byte> link = target.AsSpan(0, length);
        return link.StartsWith("/"u8) ? link.ToArray() : [.. Path, (byte)'/', .. link];
    }
}

using System.Text;
using Rundlet.Images.Files;
using Rundlet.Images.Tar;
using Rundlet.Images.Unpack;
using Rundlet.Linux;
using Rundlet.Syscalls;

namespace Rundlet.Images.Copies;

public sealed partial class FolderReceiver
{
    private const int NameAttempts = 16;

    private void MakeFile(TarEntry entry, int parent, byte[] name, PieceReader read)
    {
        byte[]? temporary = null;
        int answer = Sys.openat(parent, ".", O.WRONLY | O.TMPFILE, FileModes.PrivateFile);
        bool isNameless = answer >= 0;
        if (Sys.Is(answer, Errno.EOPNOTSUPP) || Sys.Is(answer, Errno.EISDIR) || Sys.Is(answer, Errno.ENOENT)) // a file system that makes none
            answer = Retry(other => Sys.openat(parent, temporary = other, O.WRONLY | O.CREAT | O.EXCL | O.NOFOLLOW, FileModes.PrivateFile));
        using OwnedFd file = OwnedFd.FromAnswer(answer, "create file");
        try
        {
            Write(entry, file.Value, read);
            Finish(entry, file.Value);
            if (isNameless)
            {
                int linked = Sys.linkat(Sys.AT_FDCWD, LinkOf(file.Value), parent, name, AT.SYMLINK_FOLLOW);
                if (!Sys.Is(linked, Errno.EEXIST))
                {
                    LinuxException.ThrowIfError(linked, "link file");
                    return;
                }
                LinuxException.ThrowIfError(Retry(other => Sys.linkat(Sys.AT_FDCWD, LinkOf(file.Value), parent, temporary = other, AT.SYMLINK_FOLLOW)), "link file");
            }
            LinuxException.ThrowIfError(Sys.renameat2(parent, temporary!, parent, name, 0), "rename file");
            temporary = null;
        }
        finally
        {
            if (temporary is not null)
                _ = Sys.unlinkat(parent, temporary, 0); // ignored: another error is on its way
        }
    }

    private void Write(TarEntry entry, int file, PieceReader read)
    {
        long end = 0;
        while (read(out long at) is { IsEmpty: false } piece)
        {
            if (at != end)
                LinuxException.ThrowIfError((nint)Sys.lseek(file, at, 0), "seek");
            FileIo.WriteAll(file, piece, "");
            end = at + piece.Length;
            _notes.Count(piece.Length);
        }
        if (end != entry.Size)
            LinuxException.ThrowIfError(Sys.ftruncate(file, entry.Size), "set length");
    }

    /// <summary>Owner, mode, attributes, times, in the order in which they do not undo each other.</summary>
    private static void Finish(TarEntry entry, int fd)
    {
        LinuxException.ThrowIfError(Sys.fchownat(fd, "", entry.Uid, entry.Gid, AT.EMPTY_PATH), "change owner");
        LinuxException.ThrowIfError(Sys.fchmod(fd, entry.Mode), "change mode");
        foreach (TarXattr xattr in entry.Xattrs.Where(TreeSender.IsCopied))
        {
            int answer = Sys.fsetxattr(fd, xattr.Name, xattr.Value);
            if (!Sys.Is(answer, Errno.EOPNOTSUPP)) // a file system that keeps none
                LinuxException.ThrowIfError(answer, "set attribute", ByteText.Show(xattr.Name));
        }
        timespec time = Time(entry.Mtime);
        LinuxException.ThrowIfError(Sys.utimensat(fd, default, time, time, 0), "set times");
    }

    private void MakeHardLink(TarEntry entry, byte[] path, int parent, byte[] name)
    {
        EntryPath target = EntryPath.Parse(entry.LinkName, entry);
        if (target.IsRoot || target.Full.AsSpan().SequenceEqual(path))
            throw TarFormatError.In(entry, "is a hard link to itself or to the folder that it is copied to");
        using OwnedFd other = _scope.OpenBeneath(_folder.Value, target.Parent.ToArray());
        byte[] targetName = target.Base.ToArray();
        Put(parent, name, made => Sys.linkat(other.Value, targetName, parent, made, 0), null);
    }

    private void MakeNode(TarEntry entry, int parent, byte[] name)
    {
        bool isLink = entry.Kind == TarEntryKind.SymbolicLink;
        uint type = entry.Kind switch
        {
            TarEntryKind.SymbolicLink => S.IFLNK,
            TarEntryKind.Fifo => S.IFIFO,
            TarEntryKind.CharacterDevice => S.IFCHR,
            _ => S.IFBLK,
        };
        ulong device = DeviceNumber.Of(entry.DeviceMajor, entry.DeviceMinor);
        Put(parent, name,
            made => isLink ? Sys.symlinkat(entry.LinkName, parent, made) : Sys.mknodat(parent, made, type | FileModes.PrivateFile, type == S.IFIFO ? 0 : device),
            made =>
            {
                using OwnedFd node = OwnedFd.FromAnswer(Sys.openat(parent, made, O.PATH | O.NOFOLLOW), "open what was made");
                LinuxException.ThrowIfError(Sys.statx(node.Value, "", AT.EMPTY_PATH, STATX.BASIC_STATS, out statx_t stat), "stat");
                bool isOurs = (stat.stx_mode & S.IFMT) == type && stat.stx_nlink == 1 && stat.stx_uid == Sys.geteuid()
                    && (!isLink || ReadLink(node.Value).AsSpan().SequenceEqual(entry.LinkName))
                    && (type is S.IFIFO or S.IFLNK || (stat.stx_rdev_major == entry.DeviceMajor && stat.stx_rdev_minor == entry.DeviceMinor));
                if (!isOurs)
                    throw new ContainerException(ContainerErrorKind.Conflict, $"'{ByteText.Show(name)}' was replaced by somebody while it was made");
                LinuxException.ThrowIfError(Sys.fchownat(node.Value, "", entry.Uid, entry.Gid, AT.EMPTY_PATH), "change owner");
                if (!isLink)
                    LinuxException.ThrowIfError(Sys.fchmodat(Sys.AT_FDCWD, LinkOf(node.Value), entry.Mode), "change mode");
                timespec time = Time(entry.Mtime);
                LinuxException.ThrowIfError(Sys.utimensat(node.Value, "", time, time, AT.EMPTY_PATH), "set times");
            });
    }

    /// <summary>Makes something under another name, finishes it, and puts it in the place of what has the name.</summary>
    private static void Put(int parent, byte[] name, Func<byte[], int> make, Action<byte[]>? finish)
    {
        byte[]? temporary = null;
        LinuxException.ThrowIfError(Retry(other => make(temporary = other)), "make");
        try
        {
            finish?.Invoke(temporary!);
            LinuxException.ThrowIfError(Sys.renameat2(parent, temporary!, parent, name, 0), "rename");
        }
        finally
        {
            // Two names of one file stay as they are when one is renamed to the other.
            _ = Sys.unlinkat(parent, temporary!, 0); // ignored: it has its own name now, or another error is on its way
        }
    }

    private static int Retry(Func<byte[], int> make)
    {
        for (int attempt = 1; ; attempt++)
        {
            int answer = make(Encoding.ASCII.GetBytes($".rundlet-{StoreFolder.RandomName()}"));
            if (!Sys.Is(answer, Errno.EEXIST) || attempt == NameAttempts)
                return answer;
        }
    }

    private static byte[] ReadLink(int link)
    {
        byte[] target = new byte[TarReader.MaxNameBytes + 1];
        int length = LinuxException.ThrowIfError(Sys.readlinkat(link, "", target), "read link");
        return target[..length];
    }

    private static string LinkOf(int fd) => $"/proc/self/fd/{fd}";

    private static timespec Time(TarTime time) => new() { tv_sec = time.Seconds, tv_nsec = time.Nanoseconds };
}

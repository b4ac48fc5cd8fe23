using System.Text;
using Rundlet.Images.Files;
using Rundlet.Images.Tar;
using Rundlet.Linux;
using Rundlet.Syscalls;

namespace Rundlet.Images.Unpack;

public sealed partial class LayerUnpacker
{
    private void MakeFile(TarEntry entry, int folder, byte[] name)
    {
        // Holes cost nothing here, but whoever copies the file pays for them.
        if (entry.Size > _limits.MaxFileBytes)
            throw TarFormatError.In(entry, $"a file of {entry.Size} bytes, longer than {_limits.MaxFileBytes}");
        using OwnedFd file = OwnedFd.FromAnswer(Create(folder, name), "create");
        long end = 0;
        while (_reader.ReadData(out long at) is { IsEmpty: false } piece)
        {
            _cancel.ThrowIfCancellationRequested();
            if (at != end)
                Seek(file.Value, at);
            FileIo.WriteAll(file.Value, piece, "");
            end = at + piece.Length;
            _bytes += piece.Length;
        }
        if (end != entry.Size)
            LinuxException.ThrowIfError(Sys.ftruncate(file.Value, entry.Size), "set length");
        FinishByFd(entry, file.Value);
        timespec time = Time(entry.Mtime);
        LinuxException.ThrowIfError(Sys.utimensat(file.Value, default, time, time, 0), "set times");
    }

    private int Create(int folder, byte[] name)
    {
        const int Flags = O.WRONLY | O.CREAT | O.EXCL | O.NOFOLLOW;
        int answer = Sys.openat(folder, name, Flags, FileModes.PrivateFile);
        if (!Sys.Is(answer, Errno.EEXIST))
            return answer;
        RemoveExisting(folder, name);
        return Sys.openat(folder, name, Flags, FileModes.PrivateFile);
    }

    /// <summary>A folder that is there already stays, with what is in it, and takes the entry's owner, mode, attributes and time.</summary>
    private void MakeFolder(TarEntry entry, EntryPath path, int folder, byte[] name)
    {
        bool opaque = false;
        int answer = Sys.mkdirat(folder, name, FileModes.PrivateFolder);
        if (Sys.Is(answer, Errno.EEXIST) && TypeOf(folder, name, out bool whiteout) != S.IFDIR)
        {
            RemoveExisting(folder, name);
            answer = Sys.mkdirat(folder, name, FileModes.PrivateFolder);
            opaque = whiteout; // the folder is new, and what lies below it is gone
        }
        if (!Sys.Is(answer, Errno.EEXIST))
            LinuxException.ThrowIfError(answer, "make folder");
        if (entry.Xattrs.Count > 0 || opaque)
        {
            using OwnedFd made = OpenFolder(folder, name);
            FinishByFd(entry, made.Value);
            if (opaque)
                OverlayForm.MarkOpaque(made.Value);
        }
        else
        {
            LinuxException.ThrowIfError(Sys.fchownat(folder, name, entry.Uid, entry.Gid, AT.SYMLINK_NOFOLLOW), "change owner");
            LinuxException.ThrowIfError(Sys.fchmodat(folder, name, entry.Mode), "change mode"); // a folder of ours, never a link
        }
        _folders.List(path.Full);
        Defer(entry, path.Full);
    }

    private void MakeHardLink(TarEntry entry, EntryPath path, int folder, byte[] name)
    {
        EntryPath target = EntryPath.Parse(entry.LinkName, entry);
        if (target.IsRoot || target.Full.AsSpan().SequenceEqual(path.Full))
            throw TarFormatError.In(entry, "is a hard link to itself or to the root");
        byte[] targetName = target.Base.ToArray();
        using OwnedFd? other = target.Parent.IsEmpty ? null
            : OwnedFd.FromAnswer(_folders.OpenInRoot(target.Parent.ToArray()), "open folder of the target");
        int answer = Sys.linkat(other?.Value ?? _root, targetName, folder, name, 0);
        if (Sys.Is(answer, Errno.EEXIST))
        {
            RemoveExisting(folder, name);
            answer = Sys.linkat(other?.Value ?? _root, targetName, folder, name, 0);
        }
        if (Sys.Is(answer, Errno.ENOENT))
            throw TarFormatError.In(entry, $"hard link to '{ByteText.Show(entry.LinkName)}', which the layer does not hold");
        if (Sys.Is(answer, Errno.EPERM))
            throw TarFormatError.In(entry, $"hard link to '{ByteText.Show(entry.LinkName)}', which is a folder");
        LinuxException.ThrowIfError(answer, "link");
    }

    /// <summary>Symbolic links, devices and pipes: nothing that could be opened without side effects, so all by name in the open folder.</summary>
    private void MakeNode(TarEntry entry, int folder, byte[] name)
    {
        int answer = CreateNode(entry, folder, name);
        if (Sys.Is(answer, Errno.EEXIST))
        {
            RemoveExisting(folder, name);
            answer = CreateNode(entry, folder, name);
        }
        LinuxException.ThrowIfError(answer, "make");
        LinuxException.ThrowIfError(Sys.fchownat(folder, name, entry.Uid, entry.Gid, AT.SYMLINK_NOFOLLOW), "change owner");
        if (entry.Kind != TarEntryKind.SymbolicLink)
            LinuxException.ThrowIfError(Sys.fchmodat(folder, name, entry.Mode), "change mode"); // just made, not a link
        if (entry.Xattrs.Count > 0)
            SetXattrsByName(entry, folder, name);
        timespec time = Time(entry.Mtime);
        LinuxException.ThrowIfError(Sys.utimensat(folder, name, time, time, AT.SYMLINK_NOFOLLOW), "set times");
    }

    private static int CreateNode(TarEntry entry, int folder, byte[] name) => entry.Kind switch
    {
        TarEntryKind.SymbolicLink => Sys.symlinkat(entry.LinkName, folder, name),
        TarEntryKind.Fifo => Sys.mknodat(folder, name, S.IFIFO | FileModes.PrivateFile, 0),
        TarEntryKind.CharacterDevice => Sys.mknodat(folder, name, S.IFCHR | FileModes.PrivateFile, DeviceOf(entry)),
        _ => Sys.mknodat(folder, name, S.IFBLK | FileModes.PrivateFile, DeviceOf(entry)),
    };

    private static ulong DeviceOf(TarEntry entry) => DeviceNumber.Of(entry.DeviceMajor, entry.DeviceMinor);

    /// <summary>Owner, mode, attributes, in the order in which they do not undo each other; see <see cref="FinishFolders"/> for what waits.</summary>
    private static void FinishByFd(TarEntry entry, int fd)
    {
        LinuxException.ThrowIfError(Sys.fchownat(fd, "", entry.Uid, entry.Gid, AT.EMPTY_PATH), "change owner");
        LinuxException.ThrowIfError(Sys.fchmod(fd, entry.Mode), "change mode");
        foreach (TarXattr xattr in entry.Xattrs)
        {
            if (OverlayForm.Accepts(xattr.Name) && !IsDefaultList(xattr))
                CheckXattr(entry, xattr, Sys.fsetxattr(fd, xattr.Name, xattr.Value));
        }
    }

    private static void SetXattrsByName(TarEntry entry, int folder, byte[] name)
    {
        byte[] path = [.. Encoding.ASCII.GetBytes($"/proc/self/fd/{folder}/"), .. name];
        foreach (TarXattr xattr in entry.Xattrs)
        {
            if (OverlayForm.Accepts(xattr.Name))
                CheckXattr(entry, xattr, Sys.lsetxattr(path, xattr.Name, xattr.Value));
        }
    }

    /// <summary>A file system that keeps no attributes may lose them, except the one that changes what a program may do.</summary>
    private static void CheckXattr(TarEntry entry, TarXattr xattr, int answer)
    {
        bool vital = xattr.Name.AsSpan().SequenceEqual("security.capability"u8);
        if (!vital && Sys.Is(answer, Errno.EOPNOTSUPP))
            return;
        // user.* exists on files and folders only; an archive that has it elsewhere was not made by asking a kernel.
        if (entry.Kind is not (TarEntryKind.Regular or TarEntryKind.Directory) && Sys.Is(answer, Errno.EPERM) && xattr.Name.AsSpan().StartsWith("user."u8))
            return;
        LinuxException.ThrowIfError(answer, "set attribute", ByteText.Show(xattr.Name));
    }

    /// <summary>Removes what an earlier entry made under this name; the last one wins.</summary>
    private void RemoveExisting(int folder, byte[] name)
    {
        TreeRemover.Remove(folder, name);
        _existingRemoved = true;
    }

    private bool _existingRemoved;

    private static uint TypeOf(int folder, byte[] name, out bool whiteout)
    {
        int answer = Sys.statx(folder, name, AT.SYMLINK_NOFOLLOW, STATX.TYPE, out statx_t stat);
        LinuxException.ThrowIfError(answer, "stat");
        uint type = stat.stx_mode & S.IFMT;
        whiteout = type == S.IFCHR && stat.stx_rdev_major == 0 && stat.stx_rdev_minor == 0;
        return type;
    }

    private static OwnedFd OpenFolder(int folder, byte[] name) =>
        OwnedFd.FromAnswer(Sys.openat(folder, name, O.RDONLY | O.DIRECTORY | O.NOFOLLOW), "open folder");

    private static void Seek(int file, long at) =>
        LinuxException.ThrowIfError((nint)Sys.lseek(file, at, 0), "seek");

    private static timespec Time(TarTime time) => new() { tv_sec = time.Seconds, tv_nsec = time.Nanoseconds };
}

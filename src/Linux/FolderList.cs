using System.Buffers.Binary;
using System.Text;
using Rundlet.Syscalls;

namespace Rundlet.Linux;

/// <summary>The names in a folder, by getdents64(2). For the small programs: the library's enumeration brings patterns and options along.</summary>
public static class FolderList
{
    private const int NameAt = 19; // struct linux_dirent64: ino, off, reclen, type, name
    private const int TypeAt = 18;
    private const byte TypeFolder = 4; // DT_DIR
    private const byte TypeUnknown = 0;

    /// <summary>All names in an open folder but <c>.</c> and <c>..</c>, in no order.</summary>
    /// <param name="fd">An fd opened for reading; its position moves to the end.</param>
    /// <param name="subject">What to call it in an error.</param>
    /// <param name="foldersOnly">Whether to leave other files out; on the file systems of the kernel (proc, sysfs, cgroup, tmpfs) the type is always known.</param>
    /// <exception cref="LinuxException">The kernel refused.</exception>
    public static List<string> Of(int fd, string subject, bool foldersOnly = false)
    {
        List<string> names = [];
        byte[] buffer = new byte[8192];
        while (true)
        {
            nint got = Sys.getdents64(fd, buffer);
            if (got == 0 || Sys.Is(got, Errno.ENOENT)) // the folder was removed since it was opened
                return names;
            LinuxException.ThrowIfError(got, "read folder", subject);
            ReadOnlySpan<byte> records = buffer.AsSpan(0, (int)got);
            while (records.Length > NameAt)
            {
                int length = BinaryPrimitives.ReadUInt16LittleEndian(records[16..]);
                ReadOnlySpan<byte> name = records[NameAt..length];
                name = name[..name.IndexOf((byte)0)];
                bool wanted = !foldersOnly || records[TypeAt] is TypeFolder or TypeUnknown;
                if (wanted && !name.SequenceEqual("."u8) && !name.SequenceEqual(".."u8))
                    names.Add(Encoding.UTF8.GetString(name));
                records = records[length..];
            }
        }
    }

    /// <summary>All folders in a folder; none where it does not exist.</summary>
    /// <exception cref="LinuxException">The kernel refused for another reason.</exception>
    public static List<string> FoldersIn(string path)
    {
        int fd = Sys.openat(Sys.AT_FDCWD, path, O.RDONLY | O.DIRECTORY);
        if (Sys.Is(fd, Errno.ENOENT))
            return [];
        using OwnedFd folder = OwnedFd.FromAnswer(fd, "open", path);
        return Of(folder.Value, path, foldersOnly: true);
    }
}

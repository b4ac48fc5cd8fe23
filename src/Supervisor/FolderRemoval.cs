using System.Buffers.Binary;
using System.Globalization;
using Rundlet.Linux;
using Rundlet.Syscalls;

namespace Rundlet.Supervisor;

/// <summary>
/// Removes a folder that a container has filled, by fd: no link is followed, no mount is crossed (a busy folder is an
/// error), and a tree of any depth takes three fds and no stack, because a folder that is not empty is first moved up to the top.
/// </summary>
internal static class FolderRemoval
{
    /// <summary>Removes it. One that is gone is no error.</summary>
    /// <exception cref="LinuxException">Something could not be removed.</exception>
    public static void Remove(string path)
    {
        int top = Sys.openat(Sys.AT_FDCWD, path, O.RDONLY | O.DIRECTORY | O.NOFOLLOW);
        if (Sys.Is(top, Errno.ENOENT))
            return;
        using OwnedFd root = OwnedFd.FromAnswer(top, "open", path);
        Queue<byte[]> folders = [];
        int moved = 0;
        Empty(root, root, folders, ref moved);
        while (folders.TryDequeue(out byte[]? name))
        {
            using (OwnedFd folder = OwnedFd.FromAnswer(Sys.openat(root.Value, name, O.RDONLY | O.DIRECTORY | O.NOFOLLOW), "open folder in", path))
                Empty(root, folder, folders, ref moved);
            LinuxException.ThrowIfError(Sys.unlinkat(root.Value, name, AT.REMOVEDIR), "rmdir in", path);
        }
        LinuxException.ThrowIfError(Sys.unlinkat(Sys.AT_FDCWD, path, AT.REMOVEDIR), "rmdir", path);
    }

    private static void Empty(OwnedFd root, OwnedFd folder, Queue<byte[]> folders, ref int moved)
    {
        byte[] records = new byte[32 << 10];
        while (true)
        {
            nint got = LinuxException.ThrowIfError(Sys.getdents64(folder.Value, records), "read folder");
            if (got == 0)
                return;
            for (int at = 0; at < got; at += BinaryPrimitives.ReadUInt16LittleEndian(records.AsSpan(at + 16)))
            {
                ReadOnlySpan<byte> name = records.AsSpan(at + 19);
                name = name[..name.IndexOf((byte)0)];
                if (!name.SequenceEqual("."u8) && !name.SequenceEqual(".."u8))
                    RemoveEntry(root, folder, name, folders, ref moved);
            }
        }
    }

    private static void RemoveEntry(OwnedFd root, OwnedFd folder, ReadOnlySpan<byte> name, Queue<byte[]> folders, ref int moved)
    {
        int answer = Sys.unlinkat(folder.Value, name, 0);
        if (Sys.Is(answer, Errno.EISDIR))
            answer = Sys.unlinkat(folder.Value, name, AT.REMOVEDIR);
        if (!Sys.Is(answer, Errno.ENOTEMPTY))
        {
            if (!Sys.Is(answer, Errno.ENOENT))
                LinuxException.ThrowIfError(answer, "remove");
            return;
        }
        if (folder == root)
        {
            folders.Enqueue(name.ToArray()); // at the top already, which is read before anything is moved there
            return;
        }
        byte[] free;
        do
        {
            free = [.. ".removing-"u8, .. System.Text.Encoding.ASCII.GetBytes((moved++).ToString(CultureInfo.InvariantCulture))];
            answer = Sys.renameat2(folder.Value, name, root.Value, free, RENAME.NOREPLACE);
        }
        while (Sys.Is(answer, Errno.EEXIST));
        LinuxException.ThrowIfError(answer, "move a folder up");
        folders.Enqueue(free);
    }
}

using System.Text;
using Rundlet.Syscalls;

namespace Rundlet.Linux;

/// <summary>Whole small files by fd: bounded, restarted after signals, without following links where that matters.</summary>
public static class FileIo
{
    /// <summary>The most that <see cref="ReadAll(int, string, int)"/> reads unless told otherwise: 4 MiB.</summary>
    public const int DefaultLimit = 4 << 20;

    /// <summary>Opens a path beneath a folder; see openat(2).</summary>
    /// <exception cref="LinuxException">The kernel refused.</exception>
    public static OwnedFd Open(int dirfd, string path, int flags, uint mode = 0) =>
        OwnedFd.FromAnswer(Sys.openat(dirfd, path, flags, mode), "open", path);

    /// <summary>Opens a path that must stay beneath <paramref name="root"/>, links included: openat2(2) with <c>RESOLVE_IN_ROOT</c>.</summary>
    /// <exception cref="LinuxException">The kernel refused.</exception>
    public static OwnedFd OpenInRoot(int root, string path, int flags, uint mode = 0) =>
        OwnedFd.FromAnswer(Sys.openat2(root, path, (ulong)(uint)flags, RESOLVE.IN_ROOT | RESOLVE.NO_MAGICLINKS, mode), "open", path);

    /// <summary>Reads until the end of the file.</summary>
    /// <param name="fd">An open file.</param>
    /// <param name="subject">What to call it in an error.</param>
    /// <param name="limit">The most to accept, in bytes.</param>
    /// <param name="room">Room to begin with, in bytes; one more than the file holds is read at once.</param>
    /// <exception cref="LinuxException">The kernel refused, or <c>EFBIG</c>: there is more than the limit.</exception>
    public static byte[] ReadAll(int fd, string subject, int limit = DefaultLimit, int room = 4096) =>
        ReadInto(GC.AllocateUninitializedArray<byte>(Math.Min(room, limit + 1)), fd, subject, limit).ToArray();

    private static ReadOnlyMemory<byte> ReadInto(byte[] buffer, int fd, string subject, int limit)
    {
        int length = 0;
        while (true)
        {
            nint got = Sys.read(fd, buffer.AsSpan(length));
            if (Sys.Is(got, Errno.EINTR))
                continue;
            LinuxException.ThrowIfError(got, "read", subject);
            if (got == 0)
                return buffer.AsMemory(0, length);
            length += (int)got;
            if (length > limit)
                throw new LinuxException(Errno.EFBIG, "read", subject);
            if (length == buffer.Length)
                Array.Resize(ref buffer, (int)Math.Min(2L * length, (long)limit + 1));
        }
    }

    /// <summary>As <see cref="ReadAll"/>, for a file whose size is worth asking: one that is not small, and no file of procfs or sysfs.</summary>
    /// <exception cref="LinuxException">As above.</exception>
    public static byte[] ReadSized(int fd, string subject, int limit)
    {
        LinuxException.ThrowIfError(Sys.statx(fd, "", AT.EMPTY_PATH, STATX.SIZE, out statx_t file), "stat", subject);
        return ReadAll(fd, subject, limit, Math.Max(4096, (int)Math.Min(file.stx_size, (ulong)limit) + 1));
    }

    /// <summary>Reads a whole file beneath a folder.</summary>
    /// <exception cref="LinuxException">The kernel refused, or <c>EFBIG</c>.</exception>
    public static byte[] ReadFile(int dirfd, string path, int limit = DefaultLimit)
    {
        using OwnedFd fd = Open(dirfd, path, O.RDONLY);
        return ReadAll(fd.Value, path, limit);
    }

    /// <summary>Reads a whole text file by its path; null when there is none.</summary>
    /// <exception cref="LinuxException">The kernel refused for another reason than absence.</exception>
    public static string? TryReadText(string path, int limit = DefaultLimit)
    {
        return TryReadBytes(path, limit) is { } bytes ? Encoding.UTF8.GetString(bytes.Span) : null;
    }

    /// <summary>As <see cref="TryReadText"/>, the bytes as they are.</summary>
    /// <param name="path">The file.</param>
    /// <param name="limit">The most to accept, in bytes.</param>
    /// <param name="room">Room to begin with, in bytes; one more than the file holds is read at once.</param>
    /// <exception cref="LinuxException">The kernel refused for another reason than absence.</exception>
    public static ReadOnlyMemory<byte>? TryReadBytes(string path, int limit = DefaultLimit, int room = 4096)
    {
        int fd = Sys.openat(Sys.AT_FDCWD, path, O.RDONLY);
        if (Sys.Is(fd, Errno.ENOENT) || Sys.Is(fd, Errno.ENOTDIR))
            return null;
        using OwnedFd owned = OwnedFd.FromAnswer(fd, "open", path);
        return ReadInto(GC.AllocateUninitializedArray<byte>(Math.Min(room, limit + 1)), owned.Value, path, limit);
    }

    /// <summary>Fills the buffer from a place in a file, unless that ends before; the file's own position stays.</summary>
    /// <param name="fd">The file.</param>
    /// <param name="buffer">Gets the bytes.</param>
    /// <param name="at">Where to begin, in bytes.</param>
    /// <returns>How many bytes were read.</returns>
    /// <exception cref="LinuxException">The kernel refused.</exception>
    public static int ReadAt(int fd, Span<byte> buffer, long at)
    {
        int done = 0;
        while (done < buffer.Length)
        {
            nint got = Sys.pread(fd, buffer[done..], at + done);
            if (Sys.Is(got, Errno.EINTR))
                continue;
            LinuxException.ThrowIfError(got, "read");
            if (got == 0)
                break;
            done += (int)got;
        }
        return done;
    }

    /// <summary>Writes all bytes, in as many calls as it takes.</summary>
    /// <exception cref="LinuxException">The kernel refused.</exception>
    public static void WriteAll(int fd, ReadOnlySpan<byte> bytes, string subject)
    {
        while (!bytes.IsEmpty)
        {
            nint put = Sys.write(fd, bytes);
            if (Sys.Is(put, Errno.EINTR))
                continue;
            LinuxException.ThrowIfError(put, "write", subject);
            bytes = bytes[(int)put..];
        }
    }

    /// <summary>
    /// Replaces a file so that it appears whole or not at all: a temporary name, optionally fsync, rename.
    /// </summary>
    /// <param name="dirfd">The folder.</param>
    /// <param name="name">The file's name in it.</param>
    /// <param name="bytes">The new content.</param>
    /// <param name="mode">Permission bits.</param>
    /// <param name="durable">Whether it must survive a power cut; not needed on a tmpfs.</param>
    /// <exception cref="LinuxException">The kernel refused; the old content stands.</exception>
    public static void Replace(int dirfd, string name, ReadOnlySpan<byte> bytes, uint mode, bool durable) =>
        Publish(dirfd, Prepare(dirfd, name, bytes, mode, durable), name, durable);

    /// <summary>The first half of <see cref="Replace"/>: writes a temporary file.</summary>
    /// <returns>Its name, for <see cref="Publish"/>.</returns>
    /// <exception cref="LinuxException">The kernel refused; there is no such file.</exception>
    public static string Prepare(int dirfd, string name, ReadOnlySpan<byte> bytes, uint mode, bool durable)
    {
        string temporary = $".{name}.{Sys.getpid()}.{Sys.gettid()}.tmp";
        // Never what is there already: in a folder that others may write to it could be their file.
        int answer = Sys.openat(dirfd, temporary, O.WRONLY | O.CREAT | O.EXCL | O.NOFOLLOW, mode);
        if (Sys.Is(answer, Errno.EEXIST) && Sys.unlinkat(dirfd, temporary, 0) == 0)
            answer = Sys.openat(dirfd, temporary, O.WRONLY | O.CREAT | O.EXCL | O.NOFOLLOW, mode);
        OwnedFd fd = OwnedFd.FromAnswer(answer, "open", temporary);
        try
        {
            using (fd)
            {
                WriteAll(fd.Value, bytes, name);
                if (durable)
                    LinuxException.ThrowIfError(Sys.fsync(fd.Value), "fsync", name);
            }
            return temporary;
        }
        catch (LinuxException)
        {
            _ = Sys.unlinkat(dirfd, temporary, 0); // ignored: the first error is the one to tell
            throw;
        }
    }

    /// <summary>The second half: gives a file of <see cref="Prepare"/> its name.</summary>
    /// <exception cref="LinuxException">The kernel refused; the old content stands, and the temporary file is gone.</exception>
    public static void Publish(int dirfd, string temporary, string name, bool durable)
    {
        try
        {
            int renamed = durable ? Sys.renameat2(dirfd, temporary, dirfd, name, 0) : Exchange(dirfd, temporary, name);
            LinuxException.ThrowIfError(renamed, "rename", name);
        }
        catch (LinuxException)
        {
            _ = Sys.unlinkat(dirfd, temporary, 0); // ignored: the first error is the one to tell
            throw;
        }
        if (durable)
            LinuxException.ThrowIfError(Sys.fsync(dirfd), "fsync folder of", name);
    }

    // ext4 writes a file out at once that is renamed over another one, so that no power cut shows an empty file, and whoever
    // removes it next waits for the disk: 2 to 13 ms. What need not be durable changes places with the old file instead.
    private static int Exchange(int dirfd, string temporary, string name)
    {
        int answer = Sys.renameat2(dirfd, temporary, dirfd, name, RENAME.NOREPLACE);
        if (Sys.Is(answer, Errno.EEXIST))
        {
            answer = Sys.renameat2(dirfd, temporary, dirfd, name, RENAME.EXCHANGE);
            if (answer == 0)
                _ = Sys.unlinkat(dirfd, temporary, 0); // ignored: the new content stands; the folder's end takes the rest
        }
        return Sys.Is(answer, Errno.EINVAL) ? Sys.renameat2(dirfd, temporary, dirfd, name, 0) : answer; // a file system without the flags
    }
}

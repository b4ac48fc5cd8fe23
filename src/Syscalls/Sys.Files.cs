namespace Rundlet.Syscalls;

public static unsafe partial class Sys
{
    /// <summary>openat(2); always with <c>O_CLOEXEC</c>.</summary>
    public static int openat(int dirfd, CString path, int flags, uint mode = 0)
    {
        fixed (byte* p = path)
            return (int)Call(SYS.openat, dirfd, (nint)p, flags | O.CLOEXEC, (nint)mode);
    }

    /// <summary>openat2(2); always with <c>O_CLOEXEC</c>.</summary>
    public static int openat2(int dirfd, CString path, ulong flags, ulong resolve, ulong mode = 0)
    {
        open_how how = new() { flags = flags | O.CLOEXEC, mode = mode, resolve = resolve };
        fixed (byte* p = path)
            return (int)Call(SYS.openat2, dirfd, (nint)p, (nint)(&how), sizeof(open_how));
    }

    /// <summary>close(2).</summary>
    public static int close(int fd) => (int)Call(SYS.close, fd);

    /// <summary>close_range(2), Linux 5.9.</summary>
    public static int close_range(uint first, uint last, uint flags) => (int)Call(SYS.close_range, (nint)first, (nint)last, (nint)flags);

    /// <summary>dup3(2).</summary>
    public static int dup3(int fd, int to, int flags) => (int)Call(SYS.dup3, fd, to, flags);

    /// <summary>fcntl(2).</summary>
    public static int fcntl(int fd, int command, nint argument = 0) => (int)Call(SYS.fcntl, fd, command, argument);

    /// <summary>ioctl(2) with a number.</summary>
    public static int ioctl(int fd, uint request, nint argument = 0) => (int)Call(SYS.ioctl, fd, (nint)request, argument);

    /// <summary>ioctl(2) with a struct.</summary>
    public static int ioctl<T>(int fd, uint request, ref T argument) where T : unmanaged
    {
        fixed (T* p = &argument)
            return (int)Call(SYS.ioctl, fd, (nint)request, (nint)p);
    }

    /// <summary>pipe2(2): the reading end, then the writing end.</summary>
    public static int pipe2(out int reading, out int writing, int flags)
    {
        int* ends = stackalloc int[2] { -1, -1 };
        int answer = (int)Call(SYS.pipe2, (nint)ends, flags | O.CLOEXEC);
        (reading, writing) = (ends[0], ends[1]);
        return answer;
    }

    /// <summary>splice(2) between a pipe and what is not to be sought in: bytes that no process sees.</summary>
    public static nint splice(int from, int to, nint length, uint flags) => Call(SYS.splice, from, 0, to, 0, length, (nint)flags);

    /// <summary>splice(2) from a pipe to a place in a file, which moves on by what was moved.</summary>
    public static nint splice(int from, int to, ref long place, nint length, uint flags)
    {
        fixed (long* p = &place)
            return Call(SYS.splice, from, 0, to, (nint)p, length, (nint)flags);
    }

    /// <summary>read(2). Not restarted after a signal.</summary>
    public static nint read(int fd, Span<byte> buffer)
    {
        fixed (byte* p = buffer)
            return Call(SYS.read, fd, (nint)p, buffer.Length);
    }

    /// <summary>pwrite64(2).</summary>
    public static nint pwrite(int fd, ReadOnlySpan<byte> buffer, long offset)
    {
        fixed (byte* p = buffer)
            return Call(SYS.pwrite64, fd, (nint)p, buffer.Length, (nint)offset);
    }

    /// <summary>pread64(2).</summary>
    public static nint pread(int fd, Span<byte> buffer, long offset)
    {
        fixed (byte* p = buffer)
            return Call(SYS.pread64, fd, (nint)p, buffer.Length, (nint)offset);
    }

    /// <summary>write(2). May write less than asked.</summary>
    public static nint write(int fd, ReadOnlySpan<byte> buffer)
    {
        fixed (byte* p = buffer)
            return Call(SYS.write, fd, (nint)p, buffer.Length);
    }

    /// <summary>lseek(2).</summary>
    public static long lseek(int fd, long offset, int whence) => Call(SYS.lseek, fd, (nint)offset, whence);

    /// <summary>statx(2).</summary>
    public static int statx(int dirfd, CString path, int flags, uint mask, out statx_t result)
    {
        fixed (byte* p = path)
        fixed (statx_t* r = &result)
            return (int)Call(SYS.statx, dirfd, (nint)p, flags, (nint)mask, (nint)r);
    }

    /// <summary>fstatfs(2).</summary>
    public static int fstatfs(int fd, out statfs_t result)
    {
        fixed (statfs_t* r = &result)
            return (int)Call(SYS.fstatfs, fd, (nint)r);
    }

    /// <summary>getdents64(2): raw directory records.</summary>
    public static nint getdents64(int fd, Span<byte> buffer)
    {
        fixed (byte* p = buffer)
            return Call(SYS.getdents64, fd, (nint)p, buffer.Length);
    }

    /// <summary>mkdirat(2).</summary>
    public static int mkdirat(int dirfd, CString path, uint mode)
    {
        fixed (byte* p = path)
            return (int)Call(SYS.mkdirat, dirfd, (nint)p, (nint)mode);
    }

    /// <summary>mknodat(2); <paramref name="mode"/> carries the file type.</summary>
    public static int mknodat(int dirfd, CString path, uint mode, ulong device)
    {
        fixed (byte* p = path)
            return (int)Call(SYS.mknodat, dirfd, (nint)p, (nint)mode, (nint)device);
    }

    /// <summary>unlinkat(2).</summary>
    public static int unlinkat(int dirfd, CString path, int flags)
    {
        fixed (byte* p = path)
            return (int)Call(SYS.unlinkat, dirfd, (nint)p, flags);
    }

    /// <summary>symlinkat(2).</summary>
    public static int symlinkat(CString target, int dirfd, CString path)
    {
        fixed (byte* t = target)
        fixed (byte* p = path)
            return (int)Call(SYS.symlinkat, (nint)t, dirfd, (nint)p);
    }

    /// <summary>linkat(2).</summary>
    public static int linkat(int oldDirfd, CString oldPath, int newDirfd, CString newPath, int flags)
    {
        fixed (byte* o = oldPath)
        fixed (byte* n = newPath)
            return (int)Call(SYS.linkat, oldDirfd, (nint)o, newDirfd, (nint)n, flags);
    }

    /// <summary>renameat2(2).</summary>
    public static int renameat2(int oldDirfd, CString oldPath, int newDirfd, CString newPath, uint flags)
    {
        fixed (byte* o = oldPath)
        fixed (byte* n = newPath)
            return (int)Call(SYS.renameat2, oldDirfd, (nint)o, newDirfd, (nint)n, (nint)flags);
    }

    /// <summary>readlinkat(2): the number of bytes stored; a full buffer may mean a longer target.</summary>
    public static int readlinkat(int dirfd, CString path, Span<byte> buffer)
    {
        fixed (byte* p = path)
        fixed (byte* b = buffer)
            return (int)Call(SYS.readlinkat, dirfd, (nint)p, (nint)b, buffer.Length);
    }

    /// <summary>fchmodat(2): follows a link in the last component.</summary>
    public static int fchmodat(int dirfd, CString path, uint mode)
    {
        fixed (byte* p = path)
            return (int)Call(SYS.fchmodat, dirfd, (nint)p, (nint)mode);
    }

    /// <summary>fchmod(2).</summary>
    public static int fchmod(int fd, uint mode) => (int)Call(SYS.fchmod, fd, (nint)mode);

    /// <summary>fchownat(2).</summary>
    public static int fchownat(int dirfd, CString path, uint uid, uint gid, int flags)
    {
        fixed (byte* p = path)
            return (int)Call(SYS.fchownat, dirfd, (nint)p, (nint)uid, (nint)gid, flags);
    }

    /// <summary>utimensat(2): access time, then modification time.</summary>
    public static int utimensat(int dirfd, CString path, in timespec access, in timespec modification, int flags)
    {
        timespec* times = stackalloc timespec[2] { access, modification };
        fixed (byte* p = path)
            return (int)Call(SYS.utimensat, dirfd, (nint)p, (nint)times, flags);
    }

    /// <summary>ftruncate(2).</summary>
    public static int ftruncate(int fd, long length) => (int)Call(SYS.ftruncate, fd, (nint)length);

    /// <summary>fsync(2).</summary>
    public static int fsync(int fd) => (int)Call(SYS.fsync, fd);

    /// <summary>fdatasync(2).</summary>
    public static int fdatasync(int fd) => (int)Call(SYS.fdatasync, fd);

    /// <summary>syncfs(2): flushes the file system that holds <paramref name="fd"/>.</summary>
    public static int syncfs(int fd) => (int)Call(SYS.syncfs, fd);

    /// <summary>fallocate(2).</summary>
    public static int fallocate(int fd, int mode, long offset, long length) => (int)Call(SYS.fallocate, fd, mode, (nint)offset, (nint)length);

    /// <summary>copy_file_range(2) at the files' own positions.</summary>
    public static nint copy_file_range(int from, int to, nint length) => Call(SYS.copy_file_range, from, 0, to, 0, length, 0);

    /// <summary>faccessat2(2), Linux 5.8.</summary>
    public static int faccessat2(int dirfd, CString path, int mode, int flags)
    {
        fixed (byte* p = path)
            return (int)Call(SYS.faccessat2, dirfd, (nint)p, mode, flags);
    }

    /// <summary>quotactl_fd(2), Linux 5.14.</summary>
    public static int quotactl_fd(int fd, int command, int type, uint id, ref if_dqblk quota)
    {
        fixed (if_dqblk* q = &quota)
            return (int)Call(SYS.quotactl_fd, fd, command << 8 | type, (nint)id, (nint)q);
    }

    /// <summary>flock(2).</summary>
    public static int flock(int fd, int operation) => (int)Call(SYS.flock, fd, operation);

    /// <summary>memfd_create(2).</summary>
    public static int memfd_create(CString name, uint flags)
    {
        fixed (byte* p = name)
            return (int)Call(SYS.memfd_create, (nint)p, (nint)flags);
    }

    /// <summary>lgetxattr(2) by path, not following a link.</summary>
    public static nint lgetxattr(CString path, CString name, Span<byte> value)
    {
        fixed (byte* p = path)
        fixed (byte* n = name)
        fixed (byte* v = value)
            return Call(SYS.lgetxattr, (nint)p, (nint)n, (nint)v, value.Length);
    }

    /// <summary>getxattr(2) by path, following a link: the way to what an <c>O_PATH</c> fd names, through <c>/proc/self/fd</c>.</summary>
    public static nint getxattr(CString path, CString name, Span<byte> value)
    {
        fixed (byte* p = path)
        fixed (byte* n = name)
        fixed (byte* v = value)
            return Call(SYS.getxattr, (nint)p, (nint)n, (nint)v, value.Length);
    }

    /// <summary>fgetxattr(2).</summary>
    public static nint fgetxattr(int fd, CString name, Span<byte> value)
    {
        fixed (byte* n = name)
        fixed (byte* v = value)
            return Call(SYS.fgetxattr, fd, (nint)n, (nint)v, value.Length);
    }

    /// <summary>fsetxattr(2).</summary>
    public static int fsetxattr(int fd, CString name, ReadOnlySpan<byte> value, int flags = 0)
    {
        fixed (byte* n = name)
        fixed (byte* v = value)
            return (int)Call(SYS.fsetxattr, fd, (nint)n, (nint)v, value.Length, flags);
    }

    /// <summary>fremovexattr(2).</summary>
    public static int fremovexattr(int fd, CString name)
    {
        fixed (byte* n = name)
            return (int)Call(SYS.fremovexattr, fd, (nint)n);
    }

    /// <summary>lsetxattr(2) by path, not following a link.</summary>
    public static int lsetxattr(CString path, CString name, ReadOnlySpan<byte> value, int flags = 0)
    {
        fixed (byte* p = path)
        fixed (byte* n = name)
        fixed (byte* v = value)
            return (int)Call(SYS.lsetxattr, (nint)p, (nint)n, (nint)v, value.Length, flags);
    }

    /// <summary>setxattr(2) by path, following a link: the way to what an <c>O_PATH</c> fd names, through <c>/proc/self/fd</c>.</summary>
    public static int setxattr(CString path, CString name, ReadOnlySpan<byte> value, int flags = 0)
    {
        fixed (byte* p = path)
        fixed (byte* n = name)
        fixed (byte* v = value)
            return (int)Call(SYS.setxattr, (nint)p, (nint)n, (nint)v, value.Length, flags);
    }

    /// <summary>listxattr(2) by path, following a link: names, each with a NUL behind it.</summary>
    public static nint listxattr(CString path, Span<byte> names)
    {
        fixed (byte* p = path)
        fixed (byte* n = names)
            return Call(SYS.listxattr, (nint)p, (nint)n, names.Length);
    }

    /// <summary>flistxattr(2): names, each with a NUL behind it.</summary>
    public static nint flistxattr(int fd, Span<byte> names)
    {
        fixed (byte* n = names)
            return Call(SYS.flistxattr, fd, (nint)n, names.Length);
    }

    /// <summary>llistxattr(2): names, each with a NUL behind it.</summary>
    public static nint llistxattr(CString path, Span<byte> names)
    {
        fixed (byte* p = path)
        fixed (byte* n = names)
            return Call(SYS.llistxattr, (nint)p, (nint)n, names.Length);
    }
}

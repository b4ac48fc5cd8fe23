using Rundlet.Syscalls;

namespace Rundlet.Init;

// "tmpcopyup": a tmpfs starts with a copy of the folder that it covers. The child copies, so that its memory cgroup pays and its
// rights count. The source is an image, or a volume that another container writes at this moment: every name is opened in
// its folder's fd and without following links. The copy is mounted nowhere yet and nobody else's.

public static unsafe partial class ContainerInit
{
    private const int MaxDepth = 128; // folders in folders; two fds each
    private const int MaxAttribute = 65536; // XATTR_LIST_MAX and XATTR_SIZE_MAX
    private const int LinkTableSize = 1 << 20;
    private const int Protection = 3; // PROT_READ | PROT_WRITE
    private const int Anonymous = 0x22; // MAP_PRIVATE | MAP_ANONYMOUS
    private const uint PermissionBits = 0xFFF;

    private struct TreeCopy
    {
        public int Root; // of the copy
        public byte* Path; // of the entry at hand, from there
        public int PathLength;
        public int Depth;
        public byte* Attributes; // names, then one value
        public byte* Links; // files with several names: LinkHead and path, one after the other
        public int LinksLength;
    }

    private struct LinkHead
    {
        public ulong Device;
        public ulong Inode;
        public long Size; // of the whole entry
    }

    private static long CopyMode(int from, int to)
    {
        statx_t file;
        long answer = Stat(from, &file);
        return answer < 0 ? answer : ChildSys.Call(SYS.fchmodat, to, (nint)Dot(), (nint)(file.stx_mode & PermissionBits));
    }

    private static long CheckNode(int folder, byte* name, uint mode, ulong number)
    {
        statx_t file;
        nint answer = ChildSys.Call(SYS.statx, folder, (nint)name, AT.SYMLINK_NOFOLLOW, (nint)STATX.TYPE, (nint)(&file));
        if (answer < 0)
            return answer;
        bool same = (file.stx_mode & S.IFMT) == (mode & S.IFMT);
        if ((mode & S.IFMT) != S.IFIFO)
            same &= NumberOf(&file) == number;
        return same ? 0 : -(long)Errno.EEXIST;
    }

    // makedev(3)
    private static ulong NumberOf(statx_t* file)
    {
        ulong major = file->stx_rdev_major, minor = file->stx_rdev_minor;
        return (minor & 0xFF) | (major & 0xFFF) << 8 | (minor & ~0xFFUL) << 12 | (major & ~0xFFFUL) << 32;
    }

    private static long CopyTree(int from, int to, bool takesAttributes)
    {
        const int Size = 2 * MaxAttribute + LinkTableSize;
        byte* path = stackalloc byte[PathMax];
        nint memory = ChildSys.Call(SYS.mmap, 0, Size, Protection, Anonymous, -1, 0);
        if (memory is < 0 and >= -4095)
            return memory;
        TreeCopy copy;
        copy.Root = to;
        copy.Path = path;
        copy.PathLength = 0;
        copy.Depth = 0;
        copy.Attributes = (byte*)memory;
        copy.Links = copy.Attributes + 2 * MaxAttribute;
        copy.LinksLength = 0;
        path[0] = 0;
        long answer = CopyFolder(&copy, from, Dot(), to, Dot(), takesAttributes);
        ChildSys.Call(SYS.munmap, memory, Size);
        return answer;
    }

    private static long CopyFolder(TreeCopy* copy, int from, byte* name, int to, byte* toName, bool takesAttributes)
    {
        const int Flags = O.RDONLY | O.DIRECTORY | O.NOFOLLOW | O.CLOEXEC;
        if (copy->Depth >= MaxDepth)
            return -(long)Errno.ELOOP;
        copy->Depth++;
        long source = ChildSys.Call(SYS.openat, from, (nint)name, Flags);
        long target = source < 0 ? source : ChildSys.Call(SYS.openat, to, (nint)toName, Flags);
        long answer = target < 0 ? target : CopyEntries(copy, (int)source, (int)target);
        if (answer >= 0 && takesAttributes)
            answer = CopyAttributes(copy, (int)source, (int)target);
        if (target >= 0)
            ChildSys.Call(SYS.close, (nint)target);
        if (source >= 0)
            ChildSys.Call(SYS.close, (nint)source);
        copy->Depth--;
        return answer;
    }

    private static long CopyEntries(TreeCopy* copy, int from, int to)
    {
        const int Size = 4096;
        const int NameAt = 19; // struct linux_dirent64: ino, off, reclen, type, name
        byte* entries = stackalloc byte[Size];
        while (true)
        {
            nint got = ChildSys.Call(SYS.getdents64, from, (nint)entries, Size);
            if (got <= 0)
                return got;
            for (nint at = 0; at < got; at += *(ushort*)(entries + at + 16))
            {
                byte* name = entries + at + NameAt;
                if (name[0] == (byte)'.' && (name[1] == 0 || (name[1] == (byte)'.' && name[2] == 0)))
                    continue;
                int before = copy->PathLength;
                long answer = Enter(copy, name);
                if (answer >= 0)
                    answer = CopyEntry(copy, from, to, name);
                copy->PathLength = before;
                copy->Path[before] = 0;
                if (answer < 0)
                    return answer;
            }
        }
    }

    private static long Enter(TreeCopy* copy, byte* name)
    {
        int at = copy->PathLength;
        if (at > 0)
            copy->Path[at++] = (byte)'/';
        for (int i = 0; name[i] != 0; i++)
        {
            if (at >= PathMax - 2)
                return -(long)Errno.ENAMETOOLONG;
            copy->Path[at++] = name[i];
        }
        copy->Path[at] = 0;
        copy->PathLength = at;
        return 0;
    }

    private static long CopyEntry(TreeCopy* copy, int from, int to, byte* name)
    {
        statx_t file;
        nint answer = ChildSys.Call(SYS.statx, from, (nint)name, AT.SYMLINK_NOFOLLOW | AT.NO_AUTOMOUNT, (nint)STATX.BASIC_STATS, (nint)(&file));
        if (answer < 0)
            return answer == -(nint)(int)Errno.ENOENT ? 0 : answer; // gone meanwhile
        uint type = file.stx_mode & S.IFMT;
        if (type == S.IFDIR)
        {
            answer = ChildSys.Call(SYS.mkdirat, to, (nint)name, 0x1C0 /* 0700 */);
            return answer < 0 ? answer : CopyFolder(copy, from, name, to, name, takesAttributes: true);
        }
        if (type == S.IFREG)
            return CopyFile(copy, from, to, name, &file);
        return type == S.IFLNK ? CopyLink(from, to, name, &file) : CopyNode(to, name, &file);
    }

    private static long CopyFile(TreeCopy* copy, int from, int to, byte* name, statx_t* file)
    {
        if (file->stx_nlink > 1)
        {
            byte* first = FindLink(copy, file);
            if (first != null)
                return ChildSys.Call(SYS.linkat, copy->Root, (nint)first, to, (nint)name, 0);
        }
        // What was a file a moment ago may be a pipe by now: it must not hold us up.
        long source = ChildSys.Call(SYS.openat, from, (nint)name, O.RDONLY | O.NOFOLLOW | O.NONBLOCK | O.NOCTTY | O.CLOEXEC);
        if (source < 0)
            return source;
        long answer = Stat((int)source, file);
        if (answer >= 0 && (file->stx_mode & S.IFMT) != S.IFREG)
            answer = -(long)Errno.ESTALE;
        if (answer >= 0)
        {
            long target = ChildSys.Call(SYS.openat, to, (nint)name, O.CREAT | O.EXCL | O.WRONLY | O.NOFOLLOW | O.CLOEXEC, 0x180 /* 0600 */);
            answer = target < 0 ? target : CopyData((int)source, (int)target, (long)file->stx_size);
            if (answer >= 0)
                answer = CopyAttributes(copy, (int)source, (int)target);
            if (target >= 0)
                ChildSys.Call(SYS.close, (nint)target);
        }
        ChildSys.Call(SYS.close, (nint)source);
        if (answer >= 0 && file->stx_nlink > 1)
            RememberLink(copy, file);
        return answer;
    }

    // Holes stay holes: a sparse file of a terabyte costs what its data cost.
    private static long CopyData(int from, int to, long size)
    {
        long at = 0;
        while (at < size)
        {
            long data = ChildSys.Call(SYS.lseek, from, (nint)at, SEEK.DATA);
            if (data == -(long)Errno.ENXIO)
                break; // nothing but a hole is left
            long hole = data < 0 ? size : ChildSys.Call(SYS.lseek, from, (nint)data, SEEK.HOLE);
            long offset = data < 0 ? at : data;
            if (hole < 0 || hole > size)
                hole = size;
            ChildSys.Call(SYS.lseek, to, (nint)offset, SEEK.SET);
            while (offset < hole)
            {
                nint sent = ChildSys.Call(SYS.sendfile, to, from, (nint)(&offset), (nint)(hole - offset));
                if (sent == 0)
                    return 0; // it became shorter meanwhile
                if (sent < 0 && sent != -(nint)(int)Errno.EINTR)
                    return sent;
            }
            at = hole;
        }
        return ChildSys.Call(SYS.ftruncate, to, (nint)size);
    }

    private static long CopyLink(int from, int to, byte* name, statx_t* file)
    {
        byte* target = stackalloc byte[PathMax];
        nint length = ChildSys.Call(SYS.readlinkat, from, (nint)name, (nint)target, PathMax - 1);
        if (length < 0)
            return length;
        target[length] = 0;
        nint answer = ChildSys.Call(SYS.symlinkat, (nint)target, to, (nint)name);
        return answer < 0 ? answer : ChildSys.Call(SYS.fchownat, to, (nint)name, (nint)file->stx_uid, (nint)file->stx_gid, AT.SYMLINK_NOFOLLOW);
    }

    private static long CopyNode(int to, byte* name, statx_t* file)
    {
        nint answer = ChildSys.Call(SYS.mknodat, to, (nint)name, (nint)((file->stx_mode & S.IFMT) | 0x180), (nint)NumberOf(file));
        if (answer == -(nint)(int)Errno.EPERM)
            return 0; // a user namespace may not make devices, and could not open this one either
        if (answer >= 0)
            answer = ChildSys.Call(SYS.fchownat, to, (nint)name, (nint)file->stx_uid, (nint)file->stx_gid, AT.SYMLINK_NOFOLLOW);
        return answer < 0 ? answer : ChildSys.Call(SYS.fchmodat, to, (nint)name, (nint)(file->stx_mode & PermissionBits));
    }

    // The owner first, as the change takes set-user-id bits and file capabilities away; the times last.
    private static long CopyAttributes(TreeCopy* copy, int from, int to)
    {
        byte empty = 0;
        statx_t file;
        long answer = Stat(from, &file);
        if (answer >= 0)
            answer = ChildSys.Call(SYS.fchownat, to, (nint)(&empty), (nint)file.stx_uid, (nint)file.stx_gid, AT.EMPTY_PATH);
        if (answer >= 0)
            answer = CopyExtendedAttributes(copy, from, to);
        if (answer >= 0)
            answer = ChildSys.Call(SYS.fchmod, to, (nint)(file.stx_mode & PermissionBits));
        if (answer < 0)
            return answer;
        timespec* times = stackalloc timespec[2];
        times[0].tv_sec = file.stx_atime.tv_sec;
        times[0].tv_nsec = file.stx_atime.tv_nsec;
        times[1].tv_sec = file.stx_mtime.tv_sec;
        times[1].tv_nsec = file.stx_mtime.tv_nsec;
        return ChildSys.Call(SYS.utimensat, to, 0, (nint)times, 0);
    }

    // Attributes that a tmpfs of this kernel does not keep, or that this user may not set, are left out.
    private static long CopyExtendedAttributes(TreeCopy* copy, int from, int to)
    {
        byte* names = copy->Attributes;
        byte* value = names + MaxAttribute;
        nint length = ChildSys.Call(SYS.flistxattr, from, (nint)names, MaxAttribute);
        for (nint at = 0; at < length; at++)
        {
            byte* name = names + at;
            while (at < length && names[at] != 0)
                at++;
            nint size = ChildSys.Call(SYS.fgetxattr, from, (nint)name, (nint)value, MaxAttribute);
            if (size < 0)
                continue;
            nint answer = ChildSys.Call(SYS.fsetxattr, to, (nint)name, (nint)value, size, 0);
            if (answer is < 0 and not (-(int)Errno.EOPNOTSUPP or -(int)Errno.EPERM or -(int)Errno.EINVAL))
                return answer;
        }
        return 0;
    }

    private static byte* FindLink(TreeCopy* copy, statx_t* file)
    {
        ulong device = (ulong)file->stx_dev_major << 32 | file->stx_dev_minor;
        for (long at = 0; at < copy->LinksLength; at += ((LinkHead*)(copy->Links + at))->Size)
        {
            LinkHead* head = (LinkHead*)(copy->Links + at);
            if (head->Inode == file->stx_ino && head->Device == device)
                return (byte*)(head + 1);
        }
        return null;
    }

    // Where the table is full, the next file with several names becomes several files.
    private static void RememberLink(TreeCopy* copy, statx_t* file)
    {
        int size = (sizeof(LinkHead) + copy->PathLength + 8) & ~7;
        if (copy->LinksLength + size > LinkTableSize)
            return;
        LinkHead* head = (LinkHead*)(copy->Links + copy->LinksLength);
        head->Device = (ulong)file->stx_dev_major << 32 | file->stx_dev_minor;
        head->Inode = file->stx_ino;
        head->Size = size;
        byte* path = (byte*)(head + 1);
        for (int i = 0; i <= copy->PathLength; i++)
            path[i] = copy->Path[i];
        copy->LinksLength += size;
    }

    private static long Stat(int fd, statx_t* file)
    {
        byte empty = 0;
        return ChildSys.Call(SYS.statx, fd, (nint)(&empty), AT.EMPTY_PATH, (nint)STATX.BASIC_STATS, (nint)file);
    }
}

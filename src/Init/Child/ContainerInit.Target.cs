using Rundlet.Syscalls;

namespace Rundlet.Init;

public static unsafe partial class ContainerInit
{
    private const int PathMax = 4096;
    // openat2(2): EAGAIN where something, anywhere, was renamed or mounted while ".." was resolved.
    private const int MaxTries = 10_000;
    private const int MaxLinks = 40; // as the kernel's own limit, path_resolution(7)

    // Opens a mount destination beneath a root, and makes the folders and the file that are missing on the way. Every
    // look-up is openat2 with RESOLVE_IN_ROOT, so that a link in the image leads to the image, never to the host.
    // A dangling link is followed by hand: its target is what has to be made.
    private static long OpenTarget(int root, byte* path, bool folder, uint mode, ulong resolve)
    {
        long fd = OpenInRoot(root, path, resolve);
        if (fd != -(long)Errno.ENOENT)
            return fd;
        byte* work = stackalloc byte[2 * PathMax];
        int length = Append(work, 0, path);
        if (length < 0)
            return length;
        for (int links = 0; links < MaxLinks; links++)
        {
            long answer = MakeMissing(root, work, folder, mode, resolve, out int end, out int parent);
            if (answer != -(long)Errno.EEXIST)
                return answer;
            if ((resolve & RESOLVE.NO_SYMLINKS) != 0)
            {
                ChildSys.Call(SYS.close, parent);
                return -(long)Errno.ELOOP;
            }
            long followed = FollowLink(parent, work, end);
            ChildSys.Call(SYS.close, parent);
            if (followed < 0)
                return followed;
            fd = OpenInRoot(root, work, resolve);
            if (fd != -(long)Errno.ENOENT)
                return fd;
        }
        return -(long)Errno.ELOOP;
    }

    private static long OpenInRoot(int root, byte* path, ulong resolve)
    {
        open_how how;
        how.flags = O.PATH | O.CLOEXEC;
        how.mode = 0;
        how.resolve = RESOLVE.IN_ROOT | RESOLVE.NO_MAGICLINKS | resolve;
        nint fd;
        int tries = 0;
        do
            fd = ChildSys.Call(SYS.openat2, root, (nint)(*path == 0 ? Dot() : path), (nint)(&how), sizeof(open_how));
        while (fd == -(nint)(int)Errno.EAGAIN && tries++ < MaxTries);
        return fd;
    }

    // "." without a static field: a literal of bytes lies in read-only data and needs no class initialiser.
    private static byte* Dot() => (byte*)System.Runtime.CompilerServices.Unsafe.AsPointer(ref System.Runtime.InteropServices.MemoryMarshal.GetReference(".\0"u8));

    // Goes down component by component, of a path that was not found, and makes what is not there. The answer is an fd of the last one,
    // or EEXIST: a component cannot be opened but is there, that is, a dangling link; it ends at `end`, and `parent` stays open for the
    // caller.
    private static long MakeMissing(int root, byte* path, bool folder, uint mode, ulong resolve, out int end, out int parent)
    {
        int start = 0;
        int up = root; // what the component at `start` is in
        bool madeOne = false;
        parent = -1;
        end = 0;
        while (true)
        {
            while (path[start] == (byte)'/')
                start++;
            if (path[start] == 0)
                return up == root ? OpenInRoot(root, path, resolve) : up;
            end = start;
            while (path[end] != 0 && path[end] != (byte)'/')
                end++;
            bool last = path[end] == 0;
            // Where all before it was there, it is the last one that was not found.
            long next = last && !madeOne ? -(long)Errno.ENOENT : OpenUpTo(root, path, end, resolve);
            if (next == -(long)Errno.ENOENT)
            {
                long made = Make(up, path, start, end, last && !folder, last ? mode : 0x1ED /* 0755 */);
                if (made == -(long)Errno.EEXIST)
                {
                    long kept = up == root ? OpenInRoot(root, Dot(), resolve) : up;
                    parent = (int)kept;
                    return kept < 0 ? kept : made;
                }
                madeOne = true;
                next = made < 0 ? made : OpenUpTo(root, path, end, resolve);
            }
            if (up != root)
                ChildSys.Call(SYS.close, up);
            if (next < 0)
                return next;
            up = (int)next;
            start = end;
        }
    }

    private static long OpenUpTo(int root, byte* path, int end, ulong resolve)
    {
        byte after = path[end];
        path[end] = 0;
        long fd = OpenInRoot(root, path, resolve);
        path[end] = after;
        return fd;
    }

    private static long Make(int parent, byte* path, int start, int end, bool file, uint mode)
    {
        byte after = path[end];
        path[end] = 0;
        long made = file ? MakeFile(parent, path + start, mode) : ChildSys.Call(SYS.mkdirat, parent, (nint)(path + start), (nint)mode);
        path[end] = after;
        return made;
    }

    private static long MakeFile(int parent, byte* name, uint mode)
    {
        nint fd = ChildSys.Call(SYS.openat, parent, (nint)name, O.CREAT | O.EXCL | O.WRONLY | O.NOFOLLOW | O.CLOEXEC, (nint)mode);
        if (fd >= 0)
            ChildSys.Call(SYS.close, fd);
        return fd < 0 ? fd : 0;
    }

    // Replaces the component that ends at `end` by the target of the link it is.
    private static long FollowLink(int parent, byte* path, int end)
    {
        int start = end;
        while (start > 0 && path[start - 1] != (byte)'/')
            start--;
        byte* target = stackalloc byte[PathMax];
        byte after = path[end];
        path[end] = 0;
        nint length = ChildSys.Call(SYS.readlinkat, parent, (nint)(path + start), (nint)target, PathMax - 1);
        path[end] = after;
        if (length < 0)
            return length == -(nint)(int)Errno.EINVAL ? -(long)Errno.EEXIST : length;
        target[length] = 0;
        byte* rest = stackalloc byte[2 * PathMax];
        int restLength = Append(rest, 0, path + end);
        if (restLength < 0)
            return restLength;
        int at = Append(path, target[0] == (byte)'/' ? 0 : start, target);
        if (at < 0)
            return at;
        return Append(path, at, rest);
    }

    private static int Append(byte* to, int at, byte* from)
    {
        int i = 0;
        while (from[i] != 0)
        {
            if (at + i >= 2 * PathMax - 1)
                return -(int)Errno.ENAMETOOLONG;
            to[at + i] = from[i];
            i++;
        }
        to[at + i] = 0;
        return at + i;
    }
}

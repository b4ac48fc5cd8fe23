using Rundlet.Syscalls;

namespace Rundlet.Init;

public static unsafe partial class ContainerInit
{
    private const int MaxPasswdReads = 1024; // of 4 KiB: whoever has more users than that says HOME
    private const int MaxHome = 1024;
    private const int UidField = 2;
    private const int HomeField = 5;

    // Looks a home folder up in passwd(5). The file is the container's, which may be hostile: only a regular file is read,
    // opening never waits (a pipe), reading has a bound, and a line that is odd is no line.
    private static long FindHome(byte* path, uint uid, byte* home, int room)
    {
        const int Size = 4096;
        open_how how;
        how.flags = O.RDONLY | O.NONBLOCK | O.NOCTTY | O.CLOEXEC;
        how.mode = 0;
        how.resolve = RESOLVE.NO_MAGICLINKS;
        nint fd = ChildSys.Call(SYS.openat2, Sys.AT_FDCWD, (nint)path, (nint)(&how), sizeof(open_how));
        if (fd < 0)
            return 0;
        byte* bytes = stackalloc byte[Size];
        byte* folder = stackalloc byte[MaxHome];
        PasswdLine line = default;
        bool found = false;
        for (int reads = IsRegular((int)fd) ? 0 : MaxPasswdReads; reads < MaxPasswdReads && !found; reads++)
        {
            nint got = ChildSys.Call(SYS.read, fd, (nint)bytes, Size);
            if (got < 0)
                break;
            if (got == 0)
            {
                found = line.End(uid); // the last line may lack its end
                break;
            }
            for (nint i = 0; i < got && !found; i++)
            {
                if (bytes[i] != (byte)'\n')
                    line.Add(bytes[i], folder, room < MaxHome ? room : MaxHome);
                else if (!(found = line.End(uid)))
                    line.Clear();
            }
        }
        ChildSys.Call(SYS.close, fd);
        if (!found)
            return 0;
        for (int i = 0; i < line.Length; i++)
            home[i] = folder[i];
        home[line.Length] = 0;
        return 0;
    }

    private static bool IsRegular(int fd)
    {
        byte empty = 0;
        statx_t file;
        nint answer = ChildSys.Call(SYS.statx, fd, (nint)(&empty), AT.EMPTY_PATH, (nint)STATX.TYPE, (nint)(&file));
        return answer == 0 && (file.stx_mode & S.IFMT) == S.IFREG;
    }

    // One line while it is being read: name:password:uid:gid:text:folder:shell
    private struct PasswdLine
    {
        public int Length;
        private int _field;
        private ulong _uid;
        private int _digits;
        private bool _odd;

        public void Clear()
        {
            Length = 0;
            _field = 0;
            _uid = 0;
            _digits = 0;
            _odd = false;
        }

        public void Add(byte b, byte* folder, int room)
        {
            if (b == (byte)':')
            {
                _field++;
            }
            else if (_field == UidField)
            {
                _odd |= b is < (byte)'0' or > (byte)'9' || _digits > 9;
                _uid = _uid * 10 + (ulong)(b - '0');
                _digits++;
            }
            else if (_field == HomeField)
            {
                _odd |= b == 0 || Length >= room - 1;
                if (!_odd)
                    folder[Length++] = b;
            }
        }

        // Whether it is the user's line, and whole.
        public readonly bool End(uint uid) => !_odd && _field > HomeField && _digits > 0 && _uid == uid && Length > 0;
    }
}

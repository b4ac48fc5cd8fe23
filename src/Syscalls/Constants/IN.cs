namespace Rundlet.Syscalls;

/// <summary>inotify(7) events.</summary>
[Header("sys/inotify.h", Prefix = "IN_")]
public static class IN
{
    public const uint ACCESS = 1;
    public const uint MODIFY = 2;
    public const uint ATTRIB = 4;
    public const uint CLOSE_WRITE = 8;
    public const uint OPEN = 0x20;
    public const uint MOVED_FROM = 0x40;
    public const uint MOVED_TO = 0x80;
    public const uint CREATE = 0x100;
    public const uint DELETE = 0x200;
    public const uint DELETE_SELF = 0x400;
    public const uint MOVE_SELF = 0x800;
    public const uint ONLYDIR = 0x1000000;
    public const uint IGNORED = 0x8000;
    public const uint Q_OVERFLOW = 0x4000;
}

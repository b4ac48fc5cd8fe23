using Rundlet.Syscalls;

namespace Rundlet.Linux.Mounts;

/// <summary>A file system to be mounted, or a folder to be bound, in the words of mount(8).</summary>
/// <param name="Type">The kernel's name of the file system; of no meaning with a bind.</param>
/// <param name="Device">What is mounted: a block device, <c>server:/path</c>, the folder to bind, or any word.</param>
/// <param name="Options">What stands behind <c>-o</c>, word by word.</param>
public sealed record FileSystemMount(string Type, string Device, IReadOnlyList<string> Options)
{
    /// <summary>Whether a folder is bound, in place of a file system mounted.</summary>
    public bool IsBind => Type == "bind" || Options.Contains("bind") || Options.Contains("rbind");

    /// <summary>Whether it begins empty each time.</summary>
    public bool IsVolatile => !IsBind && Type is "tmpfs" or "ramfs";

    /// <summary>Mounts it nowhere: a detached mount, whose fd is a folder like any, and which goes with the fd.</summary>
    /// <exception cref="LinuxException">The kernel refused: <c>ENODEV</c>, no such file system; <c>ENOENT</c>, no such device or folder.</exception>
    public OwnedFd Open()
    {
        ulong set = 0;
        List<string> words = [];
        foreach (string option in Options)
        {
            if (AttributeOf(option) is { } attribute)
                set |= attribute;
            else
                words.Add(option);
        }
        return IsBind ? Bind(set) : Make(words, set);
    }

    private OwnedFd Bind(ulong set)
    {
        bool recursive = Options.Contains("rbind");
        OwnedFd tree = OwnedFd.FromAnswer(Sys.open_tree(Sys.AT_FDCWD, Device, MOUNT.OPEN_TREE_CLONE | (recursive ? (uint)AT.RECURSIVE : 0)), "bind", Device);
        if (set == 0)
            return tree;
        mount_attr attributes = new() { attr_set = set, attr_clr = (set & MOUNT_ATTR._ATIME) != 0 ? MOUNT_ATTR._ATIME : 0 };
        int answer = Sys.mount_setattr(tree.Value, "", (uint)(AT.EMPTY_PATH | (recursive ? AT.RECURSIVE : 0)), attributes);
        if (answer >= 0)
            return tree;
        tree.Dispose();
        throw new LinuxException(Sys.ErrorOf(answer), "set the attributes of", Device);
    }

    private OwnedFd Make(List<string> words, ulong set)
    {
        using OwnedFd context = OwnedFd.FromAnswer(Sys.fsopen(Type), "open file system", Type);
        Set(context.Value, "source", Device);
        if ((set & MOUNT_ATTR.RDONLY) != 0)
            Set(context.Value, "ro", null); // the file system too: a device may be read-only
        foreach (string word in words)
        {
            int equals = word.IndexOf('=');
            Set(context.Value, equals < 0 ? word : word[..equals], equals < 0 ? null : word[(equals + 1)..]);
        }
        MountContext.Check(Sys.fsconfig_create(context.Value), context.Value, $"mount {Type}", Device);
        return OwnedFd.FromAnswer(Sys.fsmount(context.Value, (uint)set), $"mount {Type}", Device);
    }

    private void Set(int context, string key, string? value) => MountContext.Check(
        value is null ? Sys.fsconfig_set_flag(context, key) : Sys.fsconfig_set_string(context, key, value), context, $"mount {Type}", $"{key}{(value is null ? "" : "=")}{value}");

    /// <summary>Words for the mount, and those that say what is so anyway; null for words of the file system.</summary>
    private static ulong? AttributeOf(string option) => option switch
    {
        "ro" => MOUNT_ATTR.RDONLY,
        "nosuid" => MOUNT_ATTR.NOSUID,
        "nodev" => MOUNT_ATTR.NODEV,
        "noexec" => MOUNT_ATTR.NOEXEC,
        "noatime" => MOUNT_ATTR.NOATIME,
        "strictatime" => MOUNT_ATTR.STRICTATIME,
        "nodiratime" => MOUNT_ATTR.NODIRATIME,
        "nosymfollow" => MOUNT_ATTR.NOSYMFOLLOW,
        "rw" or "suid" or "dev" or "exec" or "atime" or "relatime" or "diratime" or "defaults" or "bind" or "rbind" => 0,
        _ => null,
    };
}

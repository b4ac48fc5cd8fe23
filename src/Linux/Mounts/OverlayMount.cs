using Rundlet.Syscalls;

namespace Rundlet.Linux.Mounts;

/// <summary>An overlay to be mounted; see the kernel's filesystems/overlayfs. All folders are absolute paths.</summary>
public sealed record OverlayMount
{
    /// <summary>How many lower layers the kernel takes (OVL_MAX_STACK).</summary>
    public const int MaxLower = 500;

    private const int MaxValueBytes = 255;

    /// <summary>The read-only layers, the topmost first: 1 to <see cref="MaxLower"/>.</summary>
    public required IReadOnlyList<string> Lower { get; init; }

    /// <summary>The writable layer; null for a read-only mount.</summary>
    public string? Upper { get; init; }

    /// <summary>The kernel's work folder, on the file system of <see cref="Upper"/>; null without one.</summary>
    public string? Work { get; init; }

    /// <summary>Further options, <c>key</c> or <c>key=value</c>: <c>volatile</c>, <c>userxattr</c>.</summary>
    public IReadOnlyList<string> Options { get; init; } = [];

    /// <summary>
    /// What the kernel finds the folders' fds beneath: this, or nothing for who has made it the working folder, which only a program of one
    /// thread can. Before Linux 6.7 all names of layers share 255 bytes: short ones leave room for some sixty layers in place of fifteen.
    /// </summary>
    public string FdFolder { get; init; } = "/proc/self/fd/";

    /// <summary>
    /// An fd of a user namespace whose mapping the read-only layers get: who is root in there is root in the layers, which stay as they
    /// are. Nothing is copied, and any number of mappings can share the layers. The writable layer holds the mapped ids themselves: its
    /// folder must belong to the mapped root. Null for the layers' own ids. Since Linux 6.15, where overlayfs takes mounts that are not
    /// attached.
    /// </summary>
    public OwnedFd? IdMap { get; init; }

    /// <summary>
    /// Mounts it nowhere: a detached mount, whose fd works as a folder for openat2(2), and which move_mount(2) can attach, also from a
    /// child in a mount namespace of its own (not in a user namespace of its own: the mount belongs to ours). Gone with the fd.
    /// </summary>
    /// <exception cref="ContainerException"><see cref="ContainerErrorKind.Unsupported"/>: more layers than this kernel can take.</exception>
    /// <exception cref="LinuxException"><c>ENODEV</c>: this kernel has no overlayfs; others: the kernel refused.</exception>
    public OwnedFd Open()
    {
        if (Lower.Count is 0 or > MaxLower)
            throw new LinuxException(Errno.EINVAL, "mount overlay of", $"{Lower.Count} layers");
        List<OwnedFd> folders = [];
        try
        {
            string[] layers = new string[Lower.Count];
            for (int i = 0; i < layers.Length; i++)
                layers[i] = Name(Lower[i], IdMap, folders);
            string? upper = Upper is null ? null : Name(Upper, null, folders), work = Work is null ? null : Name(Work, null, folders);
            return TryMount(layers, upper, work, oneByOne: true) ?? TryMount(layers, upper, work, oneByOne: false)!;
        }
        finally
        {
            foreach (OwnedFd folder in folders)
                folder.Dispose();
        }
    }

    // Layers one by one since Linux 6.7; before, one string of all. Null where that must be tried: until 6.4 the kernel took any key, and
    // said only at the end that there was one that it does not know.
    private OwnedFd? TryMount(string[] layers, string? upper, string? work, bool oneByOne)
    {
        using OwnedFd context = OwnedFd.FromAnswer(Sys.fsopen("overlay"), "fsopen", "overlay");
        if (!oneByOne)
            SetLower(context.Value, layers);
        else if (!TryAddLower(context.Value, layers))
            return null;
        if (upper is not null && work is not null)
        {
            SetString(context.Value, "upperdir", upper);
            SetString(context.Value, "workdir", work);
        }
        foreach (string option in Options)
            SetOption(context.Value, option);
        int answer = Sys.fsconfig_create(context.Value);
        if (oneByOne && Sys.Is(answer, Errno.EINVAL))
            return null;
        Check(answer, context.Value, Upper ?? Lower[0]);
        return OwnedFd.FromAnswer(Sys.fsmount(context.Value, 0), "fsmount", "overlay");
    }

    /// <summary>A short name for a folder, by an fd: fsconfig(2) takes at most 255 bytes, and colons would have to be escaped.</summary>
    private string Name(string path, OwnedFd? map, List<OwnedFd> folders)
    {
        folders.Add(map is null ? FileIo.Open(Sys.AT_FDCWD, path, O.PATH | O.DIRECTORY) : OpenMapped(path, map));
        return $"{FdFolder}{folders[^1].Value}";
    }

    /// <summary>The folder as a mount of its own, with other ids.</summary>
    private static OwnedFd OpenMapped(string path, OwnedFd map)
    {
        OwnedFd folder = OwnedFd.FromAnswer(Sys.open_tree(Sys.AT_FDCWD, path, MOUNT.OPEN_TREE_CLONE), "open_tree", path);
        mount_attr attributes = new() { attr_set = MOUNT_ATTR.IDMAP, userns_fd = (ulong)map.Value };
        int answer = Sys.mount_setattr(folder.Value, "", AT.EMPTY_PATH, attributes);
        if (answer >= 0)
            return folder;
        folder.Dispose();
        throw new LinuxException((Errno)(-answer), "map the ids of", path);
    }

    private static bool TryAddLower(int context, string[] layers)
    {
        foreach (string layer in layers)
        {
            int answer = Sys.fsconfig_set_string(context, "lowerdir+", layer);
            if (Sys.Is(answer, Errno.EINVAL))
                return false; // not known, or no room for what was taken unseen
            Check(answer, context, "lowerdir+");
        }
        return true;
    }

    private static void SetLower(int context, string[] layers)
    {
        string joined = string.Join(':', layers);
        if (joined.Length > MaxValueBytes)
            throw new ContainerException(ContainerErrorKind.Unsupported, $"this kernel cannot mount {layers.Length} layers") { Hint = "use Linux 6.7 or later, or an image with fewer layers" };
        SetString(context, "lowerdir", joined);
    }

    private static void SetOption(int context, string option)
    {
        int equals = option.IndexOf('=');
        if (equals < 0)
            Check(Sys.fsconfig_set_flag(context, option), context, option);
        else
            SetString(context, option[..equals], option[(equals + 1)..]);
    }

    private static void SetString(int context, string key, string value) => Check(Sys.fsconfig_set_string(context, key, value), context, key);

    private static void Check(int answer, int context, string subject) => MountContext.Check(answer, context, "mount overlay", subject);
}

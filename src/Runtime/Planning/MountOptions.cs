using Rundlet.Linux;
using Rundlet.Syscalls;

namespace Rundlet.Runtime.Planning;

/// <summary>
/// The options of one mount, sorted by what carries them: attributes of the mount (config.md, "Linux mount options"),
/// propagation, and the rest, which goes to the file system as data.
/// </summary>
internal sealed partial class MountOptions
{
    /// <summary>Attributes to set on the mount itself.</summary>
    public ulong Set { get; private set; }

    /// <summary>Attributes to clear on the mount itself.</summary>
    public ulong Clear { get; private set; }

    /// <summary>Attributes to set on the mount and all mounts beneath.</summary>
    public ulong RecursiveSet { get; private set; }

    /// <summary>Attributes to clear on the mount and all mounts beneath.</summary>
    public ulong RecursiveClear { get; private set; }

    /// <summary>A bind mount: <c>bind</c> or <c>rbind</c>.</summary>
    public bool Bind { get; private set; }

    /// <summary>A bind mount with everything beneath: <c>rbind</c>.</summary>
    public bool BindRecursive { get; private set; }

    /// <summary><c>MS_SHARED</c>, <c>MS_SLAVE</c>, <c>MS_PRIVATE</c> or <c>MS_UNBINDABLE</c>; 0 for the default.</summary>
    public ulong Propagation { get; private set; }

    /// <summary>Whether the propagation holds for everything beneath too.</summary>
    public bool PropagationRecursive { get; private set; }

    /// <summary>Whether a tmpfs starts with a copy of what it covers.</summary>
    public bool CopyUp { get; private set; }

    /// <summary>Whether what is mounted there already is changed, and nothing new mounted.</summary>
    public bool Remount { get; private set; }

    /// <summary>An id-mapped mount: <c>idmap</c> or <c>ridmap</c>.</summary>
    public bool IdMap { get; private set; }

    /// <summary>An id-mapped mount with everything beneath: <c>ridmap</c>.</summary>
    public bool IdMapRecursive { get; private set; }

    /// <summary>Mappings that the option brings itself, in crun's form; null for none. See <see cref="IdMapOption"/>.</summary>
    public string? IdMapValue { get; private set; }

    /// <summary>What is left: <c>key</c> or <c>key=value</c> for the file system.</summary>
    public List<string> Data { get; } = [];

    /// <summary>
    /// Flags of mount(2) that a file system may take as words of its own. One that does not know them has no use for them
    /// either: mount(2) lets them pass, and so must we.
    /// </summary>
    public List<string> Hints { get; } = [];

    /// <summary>Sorts the options.</summary>
    public static MountOptions Parse(IReadOnlyList<string>? options)
    {
        MountOptions parsed = new();
        if (options is not null)
        {
            for (int i = 0; i < options.Count; i++)
                parsed.Add(options[i]);
        }
        return parsed;
    }

    /// <summary>The propagation that a word such as <c>rslave</c> names; null for another word.</summary>
    public static (ulong Type, bool Recursive)? PropagationOf(string word) => word switch
    {
        "shared" => (MS.SHARED, false),
        "rshared" => (MS.SHARED, true),
        "slave" => (MS.SLAVE, false),
        "rslave" => (MS.SLAVE, true),
        "private" => (MS.PRIVATE, false),
        "rprivate" => (MS.PRIVATE, true),
        "unbindable" => (MS.UNBINDABLE, false),
        "runbindable" => (MS.UNBINDABLE, true),
        _ => null,
    };

    private void Add(string option)
    {
        if (PropagationOf(option) is (var type, var recursive))
        {
            (Propagation, PropagationRecursive) = (type, recursive);
            return;
        }
        switch (option)
        {
            case "bind":
                Bind = true;
                return;
            case "rbind":
                Bind = BindRecursive = true;
                return;
            case "tmpcopyup":
                CopyUp = true;
                return;
            case "remount":
                Remount = true;
                return;
            case "idmap":
                IdMap = true;
                return;
            case "ridmap":
                IdMap = IdMapRecursive = true;
                return;
            case "iversion":
                Hints.Add("i_version");
                return;
            case "acl" or "noacl":
                Hints.Add(option);
                return;
            // "noiversion" is the state without the word. "silent" and "loud" only choose whether mount(2) writes to the
            // kernel's log; fsopen(2) hands the messages to the caller and has no such switch.
            case "noiversion" or "silent" or "loud" or "defaults" or "":
                return;
        }
        if (option.StartsWith("idmap=", StringComparison.Ordinal) || option.StartsWith("ridmap=", StringComparison.Ordinal))
        {
            IdMap = true;
            IdMapRecursive |= option[0] == 'r';
            IdMapValue = option[(option.IndexOf('=') + 1)..];
        }
        else if (Attribute(option) is (var attribute, var set))
            Change(attribute, set, recursive: false);
        else if (option.Length > 1 && option[0] == 'r' && Attribute(option[1..]) is (var inner, var innerSet))
            Change(inner, innerSet, recursive: true);
        else
            Data.Add(option);
    }

    private static (ulong Attribute, bool Set)? Attribute(string option) => option switch
    {
        "ro" => (MOUNT_ATTR.RDONLY, true),
        "rw" => (MOUNT_ATTR.RDONLY, false),
        "nosuid" => (MOUNT_ATTR.NOSUID, true),
        "suid" => (MOUNT_ATTR.NOSUID, false),
        "nodev" => (MOUNT_ATTR.NODEV, true),
        "dev" => (MOUNT_ATTR.NODEV, false),
        "noexec" => (MOUNT_ATTR.NOEXEC, true),
        "exec" => (MOUNT_ATTR.NOEXEC, false),
        "nodiratime" => (MOUNT_ATTR.NODIRATIME, true),
        "diratime" => (MOUNT_ATTR.NODIRATIME, false),
        "nosymfollow" => (MOUNT_ATTR.NOSYMFOLLOW, true),
        "symfollow" => (MOUNT_ATTR.NOSYMFOLLOW, false),
        "noatime" => (MOUNT_ATTR.NOATIME, true),
        "atime" or "relatime" or "norelatime" or "nostrictatime" => (AccessTimeDefault, true),
        "strictatime" => (MOUNT_ATTR.STRICTATIME, true),
        _ => null,
    };

    // MOUNT_ATTR_RELATIME is 0, so that it needs a mark of its own to be told from "nothing".
    private const ulong AccessTimeDefault = 1UL << 63;

    private void Change(ulong attribute, bool set, bool recursive)
    {
        ulong add = set ? attribute & ~AccessTimeDefault : 0;
        ulong drop = set ? 0 : attribute;
        if (attribute == AccessTimeDefault || (attribute & MOUNT_ATTR._ATIME) != 0)
            drop |= MOUNT_ATTR._ATIME; // the three access-time modes are a field, not flags; mount_setattr(2) wants it cleared
        if (recursive)
        {
            RecursiveSet = (RecursiveSet & ~drop) | add;
            RecursiveClear = (RecursiveClear & ~add) | drop;
        }
        else
        {
            Set = (Set & ~drop) | add;
            Clear = (Clear & ~add) | drop;
        }
    }

    /// <summary>The value of a <c>key=value</c> option among the data, or null.</summary>
    public string? ValueOf(string key)
    {
        foreach (string option in Data)
        {
            if (option.Length > key.Length && option[key.Length] == '=' && option.StartsWith(key, StringComparison.Ordinal))
                return option[(key.Length + 1)..];
        }
        return null;
    }
}

using Rundlet.Linux;
using Rundlet.Oci;
using Rundlet.Syscalls;

namespace Rundlet.Runtime.Planning;

/// <summary>The kinds of namespace: the spec's word, the kernel's flag, the file under <c>/proc/PID/ns</c>.</summary>
internal static class NamespaceTable
{
    /// <summary>In the order in which they are joined: the user namespace first, the mount namespace last.</summary>
    public static readonly (string Word, ulong Flag, string File)[] All =
    [
        ("user", CLONE.NEWUSER, "user"),
        ("ipc", CLONE.NEWIPC, "ipc"),
        ("uts", CLONE.NEWUTS, "uts"),
        ("network", CLONE.NEWNET, "net"),
        ("pid", CLONE.NEWPID, "pid"),
        ("cgroup", CLONE.NEWCGROUP, "cgroup"),
        ("time", CLONE.NEWTIME, "time"),
        ("mount", CLONE.NEWNS, "mnt"),
    ];

    /// <summary>The kernel's flag for the spec's word, or 0.</summary>
    public static ulong FlagOf(string word)
    {
        foreach ((string name, ulong flag, _) in All)
        {
            if (name == word)
                return flag;
        }
        return 0;
    }

    /// <summary>The flags of all namespaces that the spec lists, new or joined.</summary>
    public static ulong FlagsOf(IReadOnlyList<Namespace>? namespaces)
    {
        ulong flags = 0;
        foreach (Namespace item in namespaces ?? [])
            flags |= FlagOf(item.Type);
        return flags;
    }
}

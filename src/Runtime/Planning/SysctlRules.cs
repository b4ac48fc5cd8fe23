using Rundlet.Linux;
using Rundlet.Syscalls;

namespace Rundlet.Runtime.Planning;

/// <summary>Which sysctls belong to a namespace: only those may be set, and only where the container has that namespace to itself.</summary>
public static class SysctlRules
{
    private static readonly string[] IpcKeys =
    [
        "kernel.msgmax", "kernel.msgmnb", "kernel.msgmni", "kernel.sem", "kernel.shmall", "kernel.shmmax", "kernel.shmmni", "kernel.shm_rmid_forced",
    ];

    /// <summary>The path below <c>/proc/sys</c>'s parent, such as <c>sys/net/ipv4/ip_forward</c>.</summary>
    /// <param name="key">With dots or slashes between the parts, as sysctl(8) takes it.</param>
    /// <param name="namespaces"><c>CLONE_NEW*</c> of the container's own namespaces.</param>
    /// <exception cref="ContainerException">The key is malformed or would change the host.</exception>
    public static string PathOf(string key, ulong namespaces)
    {
        string dotted = Normalise(key);
        ulong needed = dotted switch
        {
            _ when dotted.StartsWith("net.", StringComparison.Ordinal) => CLONE.NEWNET,
            _ when dotted.StartsWith("fs.mqueue.", StringComparison.Ordinal) => CLONE.NEWIPC,
            _ when Array.IndexOf(IpcKeys, dotted) >= 0 => CLONE.NEWIPC,
            "kernel.domainname" => CLONE.NEWUTS,
            "kernel.hostname" => throw Invalid(key, "is set by the member 'hostname'"),
            _ => throw Invalid(key, "is not in a namespace of the container and would change the host"),
        };
        if ((namespaces & needed) == 0)
            throw Invalid(key, "needs a namespace of the container's own, or it would change the host");
        return "sys/" + Separated(key);
    }

    // "net.ipv4.conf.eth0/1.x" and "net/ipv4/conf/eth0.1/x" are the same key; the first separator decides.
    private static string Separated(string key)
    {
        int first = key.AsSpan().IndexOfAny('.', '/');
        if (first >= 0 && key[first] == '/')
            return key;
        return string.Create(key.Length, key, (span, source) =>
        {
            for (int i = 0; i < span.Length; i++)
                span[i] = source[i] switch { '.' => '/', '/' => '.', char c => c };
        });
    }

    private static string Normalise(string key)
    {
        string path = Separated(key);
        foreach (string part in path.Split('/'))
        {
            if (part is "" or "." or "..")
                throw Invalid(key, "is malformed");
        }
        return path.Replace('.', '\u0001').Replace('/', '.').Replace('\u0001', '/');
    }

    private static ContainerException Invalid(string key, string what) =>
        new(ContainerErrorKind.InvalidArgument, $"linux.sysctl: '{key}' {what}");
}

namespace Rundlet.Linux.Capabilities;

// What belongs in this folder: capabilities(7) by name and number, sets of them, and those that this process has.

/// <summary>Names and numbers of capabilities, capabilities(7).</summary>
public static class Capability
{
    /// <summary>How many have a name here: 0 to 40.</summary>
    public const int Count = 41;

    private const string Prefix = "CAP_";

    // In the order of their numbers, linux/capability.h.
    private static readonly string[] s_names =
    [
        "CAP_CHOWN", "CAP_DAC_OVERRIDE", "CAP_DAC_READ_SEARCH", "CAP_FOWNER", "CAP_FSETID", "CAP_KILL", "CAP_SETGID", "CAP_SETUID",
        "CAP_SETPCAP", "CAP_LINUX_IMMUTABLE", "CAP_NET_BIND_SERVICE", "CAP_NET_BROADCAST", "CAP_NET_ADMIN", "CAP_NET_RAW", "CAP_IPC_LOCK", "CAP_IPC_OWNER",
        "CAP_SYS_MODULE", "CAP_SYS_RAWIO", "CAP_SYS_CHROOT", "CAP_SYS_PTRACE", "CAP_SYS_PACCT", "CAP_SYS_ADMIN", "CAP_SYS_BOOT", "CAP_SYS_NICE",
        "CAP_SYS_RESOURCE", "CAP_SYS_TIME", "CAP_SYS_TTY_CONFIG", "CAP_MKNOD", "CAP_LEASE", "CAP_AUDIT_WRITE", "CAP_AUDIT_CONTROL", "CAP_SETFCAP",
        "CAP_MAC_OVERRIDE", "CAP_MAC_ADMIN", "CAP_SYSLOG", "CAP_WAKE_ALARM", "CAP_BLOCK_SUSPEND", "CAP_AUDIT_READ", "CAP_PERFMON", "CAP_BPF",
        "CAP_CHECKPOINT_RESTORE",
    ];

    /// <summary>The name of a number; <c>CAP_41</c> for one that is not known.</summary>
    public static string NameOf(uint number) => number < Count ? s_names[number] : $"{Prefix}{number}";

    /// <summary>The number of a name exactly as the OCI specification writes it: <c>CAP_CHOWN</c>.</summary>
    /// <exception cref="ContainerException"><c>InvalidArgument</c>: unknown; the hint is the nearest name.</exception>
    public static uint FromName(string name) => Array.IndexOf(s_names, name) is >= 0 and var number ? (uint)number : throw Unknown(name);

    /// <summary>The same for a name that may be unknown.</summary>
    public static bool TryFromName(string name, out uint number)
    {
        int index = Array.IndexOf(s_names, name);
        number = (uint)Math.Max(index, 0);
        return index >= 0;
    }

    /// <summary>The number of a name as people write it: with or without <c>CAP_</c>, in any case.</summary>
    /// <exception cref="ContainerException"><c>InvalidArgument</c>: unknown; the hint is the nearest name.</exception>
    public static uint Parse(string text)
    {
        string name = text.ToUpperInvariant();
        if (!name.StartsWith(Prefix, StringComparison.Ordinal))
            name = Prefix + name;
        return Array.IndexOf(s_names, name) is >= 0 and var number ? (uint)number : throw Unknown(text);
    }

    private static ContainerException Unknown(string text)
    {
        string upper = text.ToUpperInvariant();
        string wanted = upper.StartsWith(Prefix, StringComparison.Ordinal) ? upper[Prefix.Length..] : upper;
        string? nearest = null;
        int least = Math.Max(2, wanted.Length / 3) + 1;
        foreach (string name in s_names)
        {
            int distance = Distance(wanted, name.AsSpan(Prefix.Length));
            if (distance < least)
                (least, nearest) = (distance, name);
        }
        return new ContainerException(ContainerErrorKind.InvalidArgument, $"unknown capability '{text}'")
        {
            Hint = nearest is null ? null : $"did you mean '{nearest}'?",
        };
    }

    /// <summary>How many letters have to be put in, taken out or changed (Levenshtein).</summary>
    private static int Distance(ReadOnlySpan<char> a, ReadOnlySpan<char> b)
    {
        const int MostLetters = 64;
        if (a.Length > MostLetters)
            return int.MaxValue;
        Span<int> row = stackalloc int[b.Length + 1];
        for (int j = 0; j <= b.Length; j++)
            row[j] = j;
        for (int i = 1; i <= a.Length; i++)
        {
            int diagonal = row[0];
            row[0] = i;
            for (int j = 1; j <= b.Length; j++)
            {
                int changed = diagonal + (a[i - 1] == b[j - 1] ? 0 : 1);
                diagonal = row[j];
                row[j] = Math.Min(changed, Math.Min(row[j], row[j - 1]) + 1);
            }
        }
        return row[b.Length];
    }
}

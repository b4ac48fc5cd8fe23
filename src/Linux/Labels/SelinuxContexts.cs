using Rundlet.Syscalls;

namespace Rundlet.Linux.Labels;

/// <summary>What the policy of a machine calls containers: <c>contexts/lxc_contexts</c> of the policy that <c>/etc/selinux/config</c> names.</summary>
/// <param name="Process">Their processes.</param>
/// <param name="File">Their files.</param>
/// <param name="ReadOnlyFile">Files that all of them may read and run: the layers of images.</param>
public sealed record SelinuxContexts(SelinuxLabel Process, SelinuxLabel File, SelinuxLabel ReadOnlyFile)
{
    private const string Folder = "/etc/selinux";
    private const string DefaultPolicy = "targeted"; // selinux_config(5)
    private const int MaxBytes = 64 << 10;

    private static readonly Lazy<SelinuxContexts?> s_ofHost = new(static () => SelinuxHost.IsOn ? Read(Folder, SelinuxHost.Knows) : null);

    /// <summary>Those of this machine; null where SELinux is off, or its policy does not know containers. Read once a process.</summary>
    public static SelinuxContexts? OfHost => s_ofHost.Value;

    /// <summary>Reads them.</summary>
    /// <param name="folder">In the place of <c>/etc/selinux</c>.</param>
    /// <param name="knows">Whether the policy that is loaded knows a label: the file may speak of types that no module brought.</param>
    /// <returns>Null where the file is not there, says nothing of containers, or names what the policy does not know.</returns>
    /// <exception cref="LinuxException">The kernel refused.</exception>
    public static SelinuxContexts? Read(string folder, Func<string, bool> knows)
    {
        string policy = Values(FileIo.TryReadText($"{folder}/config", MaxBytes)).GetValueOrDefault("SELINUXTYPE") ?? DefaultPolicy;
        if (policy.Contains('/', StringComparison.Ordinal))
            return null;
        Dictionary<string, string> values = Values(FileIo.TryReadText($"{folder}/{policy}/contexts/lxc_contexts", MaxBytes));
        SelinuxLabel? Known(string key) => values.GetValueOrDefault(key) is { } text && SelinuxLabel.TryParse(text) is { } label && knows(text) ? label : null;
        return Known("process") is { } process && Known("file") is { } file ? new SelinuxContexts(process, file, Known("ro_file") ?? file) : null;
    }

    // KEY=VALUE or KEY = "VALUE", and comments.
    private static Dictionary<string, string> Values(string? text)
    {
        Dictionary<string, string> values = [];
        foreach (string line in (text ?? "").Split('\n'))
        {
            int equals = line.IndexOf('=', StringComparison.Ordinal);
            if (equals > 0 && line[0] != '#')
                values[line[..equals].Trim()] = line[(equals + 1)..].Trim().Trim('"');
        }
        return values;
    }
}

using System.Text.Json.Serialization;
using Rundlet.Linux;

namespace Rundlet.Engine.Options;

/// <summary>One mount that a user asked for, from <c>-v</c>, <c>--mount</c> or <c>--tmpfs</c>, or that the image asks for.</summary>
/// <param name="Kind">What sort.</param>
/// <param name="Source">The absolute path on the host, the volume's name, or the image's; empty for a tmpfs, and for a volume that has no name yet.</param>
/// <param name="Destination">The absolute path in the container.</param>
/// <param name="Options">As for mount(8), such as <c>ro</c> and <c>rprivate</c>.</param>
public sealed partial record MountOption(MountKind Kind, string Source, string Destination, IReadOnlyList<string> Options)
{
    /// <summary>What <see cref="Relabel"/> says for <c>z</c>: every container may use it.</summary>
    public const string SharedLabel = "shared";

    /// <summary>What it says for <c>Z</c>: this container alone may.</summary>
    public const string PrivateLabel = "private";

    private static readonly string[] s_propagations = ["private", "rprivate", "shared", "rshared", "slave", "rslave"];
    private static readonly string[] s_tmpfsFlags =
        ["ro", "rw", "suid", "nosuid", "dev", "nodev", "exec", "noexec", "sync", "async", "dirsync", "noatime", "atime", "relatime", "norelatime", "strictatime", "nodiratime"];

    /// <summary>What stands behind the second colon of <c>-v</c>; null for a mount that was asked for otherwise.</summary>
    public string? Mode { get; init; }

    /// <summary>Whether SELinux is to label what is mounted for containers, and for which; null leaves it as it is.</summary>
    public string? Relabel { get; init; }

    /// <summary>With a volume: the rest that was said about it.</summary>
    public VolumeChoice? Volume { get; init; }

    /// <summary>With an image: which one, and what of it.</summary>
    public ImageChoice? Image { get; init; }

    /// <summary>Whether the container may write to it.</summary>
    [JsonIgnore]
    public bool IsWritable => !Options.Contains("ro") && !Options.Contains("rro");

    /// <summary>How mounts beneath it spread; empty where that has no meaning.</summary>
    [JsonIgnore]
    public string Propagation => Options.FirstOrDefault(s_propagations.Contains) ?? "";

    /// <summary>Reads a value of <c>--tmpfs</c>: <c>DESTINATION[:OPTION,…]</c>.</summary>
    /// <exception cref="ContainerException">InvalidArgument.</exception>
    public static MountOption ParseTmpfs(string text)
    {
        int colon = text.IndexOf(':');
        string destination = colon < 0 ? text : text[..colon];
        return Tmpfs(Destinations(destination, "tmpfs", text), colon < 0 ? [] : text[(colon + 1)..].Split(',', StringSplitOptions.RemoveEmptyEntries), text);
    }

    /// <summary>The volume that an image wants at a path.</summary>
    public static MountOption OfImage(string destination, string name) => new(MountKind.Volume, name, destination, ["rbind", "rprivate"])
    {
        Volume = new VolumeChoice { IsAnonymous = true, FromImage = true },
    };

    /// <summary>A bind mount. What is read-only is so with all that is mounted beneath, unless that is not bound, or told otherwise.</summary>
    private static MountOption Bind(string source, string destination, IReadOnlyList<string> options)
    {
        List<string> all = [.. options];
        if (!all.Contains("bind") && !all.Contains("rbind"))
            all.Insert(0, "rbind");
        if (all.Contains("rbind"))
            all = [.. all.Select(option => option == "ro" ? "rro" : option)];
        if (!all.Exists(option => s_propagations.Contains(option)))
            all.Add("rprivate");
        return new MountOption(MountKind.Bind, source, destination, all);
    }

    private static MountOption Tmpfs(string destination, IReadOnlyList<string> options, string text)
    {
        List<string> all = ["noexec", "nosuid", "nodev"];
        foreach (string option in options)
        {
            int equals = option.IndexOf('=');
            string key = equals < 0 ? option : option[..equals];
            if (equals < 0 ? !s_tmpfsFlags.Contains(key) : key is not ("size" or "mode" or "uid" or "gid" or "nr_inodes" or "nr_blocks" or "mpol" or "huge"))
                throw Invalid("tmpfs", text, $"unknown option '{option}'");
            // the opposite of a default replaces it
            all.Remove("no" + option);
            all.Remove(option);
            all.Add(option);
        }
        return new MountOption(MountKind.Tmpfs, "", destination, all);
    }

    private static string Destinations(string path, string what, string text)
    {
        if (path.Length == 0 || path[0] != '/')
            throw Invalid(what, text, "the path in the container must be absolute");
        string full = Path.GetFullPath(path);
        return full != "/" ? full : throw Invalid(what, text, "the path in the container must not be '/'");
    }

    private static ContainerException Invalid(string what, string text, string reason) =>
        new(ContainerErrorKind.InvalidArgument, $"invalid {what} '{text}': {reason}");
}

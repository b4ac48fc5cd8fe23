using System.Text.Json.Serialization;
using Rundlet.Linux;

namespace Rundlet.Engine.Options;

/// <summary>What sort of mount a user asked for.</summary>
[JsonConverter(typeof(JsonStringEnumConverter<MountKind>))]
public enum MountKind
{
    /// <summary>A file or folder of the host.</summary>
    Bind,

    /// <summary>A file system in memory.</summary>
    Tmpfs,
}

/// <summary>One mount that a user asked for, from <c>-v</c>, <c>--mount</c> or <c>--tmpfs</c>.</summary>
/// <param name="Kind">What sort.</param>
/// <param name="Source">The absolute path on the host; empty for a tmpfs.</param>
/// <param name="Destination">The absolute path in the container.</param>
/// <param name="Options">As for mount(8), such as <c>ro</c> and <c>rprivate</c>.</param>
public sealed record MountOption(MountKind Kind, string Source, string Destination, IReadOnlyList<string> Options)
{
    private static readonly string[] s_propagations = ["private", "rprivate", "shared", "rshared", "slave", "rslave"];
    private static readonly string[] s_tmpfsFlags =
        ["ro", "rw", "suid", "nosuid", "dev", "nodev", "exec", "noexec", "sync", "async", "dirsync", "noatime", "atime", "relatime", "norelatime", "strictatime", "nodiratime"];

    /// <summary>Reads a value of <c>-v</c>: <c>SOURCE:DESTINATION[:OPTION,…]</c>. A relative source begins with <c>./</c> or <c>../</c>.</summary>
    /// <exception cref="ContainerException">InvalidArgument, or Unsupported for a named volume.</exception>
    public static MountOption ParseVolume(string text)
    {
        string[] parts = text.Split(':');
        if (parts.Length is < 2 or > 3 || parts[0].Length == 0)
        {
            throw parts.Length == 1 && text.Length > 0
                ? new ContainerException(ContainerErrorKind.Unsupported, $"volume '{text}': anonymous volumes are not supported yet") { Hint = "use --tmpfs, or name a folder of the host: -v /FOLDER:" + text }
                : Invalid("volume", text, "want SOURCE:DESTINATION[:OPTIONS]");
        }
        if (parts[0][0] is not ('/' or '.'))
            throw NamedVolume(parts[0]);
        string[] options = parts.Length == 3 ? parts[2].Split(',', StringSplitOptions.RemoveEmptyEntries) : [];
        foreach (string option in options)
        {
            if (option is "z" or "Z")
                throw NoSelinux($"volume '{text}'");
            if (option is not ("ro" or "rw" or "bind" or "rbind" or "nosuid" or "nodev" or "noexec") && !s_propagations.Contains(option))
                throw Invalid("volume", text, $"unknown option '{option}'");
        }
        return Bind(Path.GetFullPath(parts[0]), Destinations(parts[1], "volume", text), options);
    }

    /// <summary>Reads a value of <c>--mount</c>: <c>type=bind|tmpfs,source=…,target=…,readonly,…</c>.</summary>
    /// <exception cref="ContainerException">InvalidArgument, or Unsupported for a named volume.</exception>
    public static MountOption ParseMount(string text)
    {
        string type = "volume", source = "", target = "", size = "", mode = "", propagation = "";
        bool readOnly = false, recursive = true;
        foreach (string field in text.Split(','))
        {
            int equals = field.IndexOf('=');
            (string key, string value) = equals < 0 ? (field, "true") : (field[..equals], field[(equals + 1)..]);
            switch (key.ToLowerInvariant())
            {
                case "type": type = value; break;
                case "source" or "src": source = value; break;
                case "target" or "destination" or "dst": target = value; break;
                case "readonly" or "ro": readOnly = IsTrue(value, text); break;
                case "bind-propagation": propagation = value; break;
                case "bind-nonrecursive": recursive = !IsTrue(value, text); break;
                case "tmpfs-size": size = value; break;
                case "tmpfs-mode": mode = value; break;
                default: throw Invalid("mount", text, $"unknown field '{key}'");
            }
        }
        string destination = Destinations(target, "mount", text);
        switch (type)
        {
            case "bind":
                if (source.Length == 0 || source[0] != '/')
                    throw Invalid("mount", text, "the source of a bind mount must be absolute");
                if (propagation.Length > 0 && !s_propagations.Contains(propagation))
                    throw Invalid("mount", text, $"unknown propagation '{propagation}'");
                List<string> options = [recursive ? "rbind" : "bind"];
                if (readOnly)
                    options.Add("ro");
                if (propagation.Length > 0)
                    options.Add(propagation);
                return Bind(Path.GetFullPath(source), destination, options);
            case "tmpfs":
                if (source.Length > 0)
                    throw Invalid("mount", text, "a tmpfs has no source");
                List<string> settings = [];
                if (readOnly)
                    settings.Add("ro");
                if (size.Length > 0)
                    settings.Add($"size={Quantity.ParseBytes(size, "tmpfs size")}");
                if (mode.Length > 0)
                    settings.Add($"mode={mode}");
                return Tmpfs(destination, settings, text);
            case "volume":
                throw NamedVolume(source);
            default:
                throw Invalid("mount", text, $"unknown type '{type}'");
        }
    }

    /// <summary>Reads a value of <c>--tmpfs</c>: <c>DESTINATION[:OPTION,…]</c>.</summary>
    /// <exception cref="ContainerException">InvalidArgument.</exception>
    public static MountOption ParseTmpfs(string text)
    {
        int colon = text.IndexOf(':');
        string destination = colon < 0 ? text : text[..colon];
        return Tmpfs(Destinations(destination, "tmpfs", text), colon < 0 ? [] : text[(colon + 1)..].Split(',', StringSplitOptions.RemoveEmptyEntries), text);
    }

    private static MountOption Bind(string source, string destination, IReadOnlyList<string> options)
    {
        List<string> all = [.. options];
        if (!all.Contains("bind") && !all.Contains("rbind"))
            all.Insert(0, "rbind");
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

    private static bool IsTrue(string value, string text) => value switch
    {
        "true" or "1" => true,
        "false" or "0" => false,
        _ => throw Invalid("mount", text, $"'{value}' is neither true nor false"),
    };

    private static ContainerException NamedVolume(string name) =>
        new(ContainerErrorKind.Unsupported, $"volume '{name}': named volumes are not supported yet") { Hint = "give a folder of the host by its path, as in ./data:/data" };

    private static ContainerException NoSelinux(string what) =>
        new(ContainerErrorKind.Unsupported, $"{what}: relabelling needs SELinux, which this machine does not run");

    private static ContainerException Invalid(string what, string text, string reason) =>
        new(ContainerErrorKind.InvalidArgument, $"invalid {what} '{text}': {reason}");
}

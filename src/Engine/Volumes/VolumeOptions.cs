using Rundlet.Engine.Options;
using Rundlet.Linux;
using Rundlet.Linux.Mounts;

namespace Rundlet.Engine.Volumes;

/// <summary>What the local driver can be told, as docker's: <c>type</c>, <c>device</c> and <c>o</c> name what is mounted while containers use the volume, <c>size</c> the most that may lie in it.</summary>
public static class VolumeOptions
{
    /// <summary>The only driver.</summary>
    public const string LocalDriver = "local";

    private static readonly string[] s_keys = ["type", "device", "o", StorageOption.SizeKey];

    /// <summary>Checks them.</summary>
    /// <exception cref="ContainerException">InvalidArgument: a key is unknown, or they do not say what to mount.</exception>
    public static void Validate(IReadOnlyDictionary<string, string> options)
    {
        foreach ((string key, string value) in options)
        {
            if (!s_keys.Contains(key))
                throw Invalid($"unknown volume option '{key}'", Nearest.Of(key, s_keys) is { } near ? $"did you mean '{near}'?" : $"there are {string.Join(", ", s_keys)}");
            if (value.Contains('\0'))
                throw Invalid($"volume option '{key}' holds a NUL byte", null);
        }
        long? size = SizeOf(options);
        if (FileSystemOf(options) is not { } system)
            return;
        if (size is not null)
            throw Invalid("volume option 'size' does not go with a file system of its own", "a tmpfs takes it in o: -o o=size=64m");
        if (system.IsBind && system.Device is not ['/', ..])
            throw Invalid($"a bind volume needs a device that is an absolute path, not '{system.Device}'", "--opt type=none --opt o=bind --opt device=/FOLDER");
        if (!system.IsBind && system.Type is "" or "none")
            throw Invalid("volume option 'type' is missing", "--opt type=tmpfs, or with o=bind --opt type=none");
        if (!system.IsBind && system.Device.Length == 0)
            throw Invalid("volume option 'device' is missing", "it names what is mounted");
        // mount.nfs(8) looks names up; the kernel does not.
        if (system.Options.FirstOrDefault(option => option.StartsWith("addr=", StringComparison.Ordinal)) is { } address && !System.Net.IPAddress.TryParse(address.AsSpan(5), out _))
            throw Invalid($"'{address}' is no address", "write the server's IP address; names are not looked up");
    }

    /// <summary>What they say is to be mounted; null for a plain folder.</summary>
    public static FileSystemMount? FileSystemOf(IReadOnlyDictionary<string, string> options)
    {
        if (!options.Keys.Any(key => key is "type" or "device" or "o"))
            return null;
        string type = options.GetValueOrDefault("type", ""), device = options.GetValueOrDefault("device", "");
        string[] words = options.GetValueOrDefault("o", "").Split(',', StringSplitOptions.RemoveEmptyEntries);
        return new FileSystemMount(type, device.Length == 0 && type == "tmpfs" ? type : device, words);
    }

    /// <summary>The most that may lie in it, in bytes; null for no limit.</summary>
    /// <exception cref="ContainerException">InvalidArgument: the size is none.</exception>
    public static long? SizeOf(IReadOnlyDictionary<string, string> options) =>
        options.TryGetValue(StorageOption.SizeKey, out string? size) ? StorageOption.ParseSize(size, "volume size") : null;

    /// <summary>The error for a driver that there is not.</summary>
    public static ContainerException UnknownDriver(string driver) =>
        new(ContainerErrorKind.Unsupported, $"no such volume driver '{driver}'") { Hint = "there is only local" };

    private static ContainerException Invalid(string message, string? hint) => new(ContainerErrorKind.InvalidArgument, message) { Hint = hint };
}

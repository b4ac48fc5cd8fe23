using System.Text;
using Rundlet.Syscalls;

namespace Rundlet.Cli.Metrics;

/// <summary>Names of block devices by number, as sysfs has them.</summary>
internal sealed class BlockDeviceNames
{
    private readonly Dictionary<(uint, uint), string> _known = [];

    /// <summary>The name, such as <c>vda</c>; the numbers, <c>254:0</c>, where the device is gone.</summary>
    public string Of(uint major, uint minor)
    {
        if (_known.TryGetValue((major, minor), out string? name))
            return name;
        Span<byte> target = stackalloc byte[1024];
        int length = Sys.readlinkat(Sys.AT_FDCWD, $"/sys/dev/block/{major}:{minor}", target);
        name = length > 0 ? Path.GetFileName(Encoding.UTF8.GetString(target[..length])) : $"{major}:{minor}";
        return _known[(major, minor)] = name;
    }
}

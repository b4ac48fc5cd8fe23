using Rundlet.Engine.State;
using Rundlet.Images.Snapshots;

namespace Rundlet.Engine.Operations;

/// <summary>The space that a volume takes.</summary>
/// <param name="Volume">Its row.</param>
/// <param name="Users">How many containers use it.</param>
/// <param name="Bytes">What is in it.</param>
public sealed record VolumeUsage(VolumeRecord Volume, int Users, long Bytes)
{
    /// <summary>Measures all volumes.</summary>
    /// <exception cref="Syscalls.LinuxException">The kernel refused.</exception>
    public static List<VolumeUsage> ReadAll(ContainerEngine engine)
    {
        IReadOnlyDictionary<string, int> users = engine.Volumes.CountUsers();
        return [.. engine.Volumes.List().Select(volume => new VolumeUsage(volume, users.GetValueOrDefault(volume.Name), SizeOf(engine, volume.Name)))];
    }

    /// <summary>Bytes of the files in a volume.</summary>
    /// <exception cref="Syscalls.LinuxException">The kernel refused.</exception>
    internal static long SizeOf(ContainerEngine engine, string name) => WritableSize.OfFolder(engine.Paths.VolumeData(name));
}

using System.Text.Json;
using Rundlet.Engine;
using Rundlet.Engine.Options;
using Rundlet.Engine.Volumes;

namespace Rundlet.Cli.Output;

/// <summary>What is mounted into a container, in the shapes of docker's <c>inspect</c>.</summary>
internal static class MountJson
{
    /// <summary><c>HostConfig.Binds</c>: what <c>-v</c> said of volumes and folders.</summary>
    public static void WriteBinds(Utf8JsonWriter json, ContainerOptions options) => json.WriteStrings(
        "Binds",
        from mount in options.Mounts
        where mount.Mode is not null && mount.Kind is MountKind.Bind or MountKind.Volume && mount.Volume is not { IsAnonymous: true }
        select mount.Mode!.Length == 0 ? $"{mount.Source}:{mount.Destination}" : $"{mount.Source}:{mount.Destination}:{mount.Mode}");

    /// <summary><c>Mounts</c>.</summary>
    public static void WriteMounts(Utf8JsonWriter json, EnginePaths paths, ContainerOptions options)
    {
        json.WriteStartArray("Mounts"u8);
        foreach (MountOption mount in options.Mounts)
        {
            json.WriteStartObject();
            json.WriteString("Type"u8, mount.Kind.ToString().ToLowerInvariant());
            if (mount.Kind == MountKind.Volume)
                json.WriteString("Name"u8, mount.Source);
            json.WriteString("Source"u8, mount.Kind == MountKind.Volume ? paths.VolumeData(mount.Source) : mount.Source);
            json.WriteString("Destination"u8, mount.Destination);
            if (mount.Kind == MountKind.Volume)
                json.WriteString("Driver"u8, VolumeOptions.LocalDriver);
            json.WriteString("Mode"u8, mount.Mode ?? "");
            json.WriteBoolean("RW"u8, mount.IsWritable);
            json.WriteString("Propagation"u8, mount.Kind == MountKind.Bind ? mount.Propagation : "");
            json.WriteEndObject();
        }
        json.WriteEndArray();
    }
}

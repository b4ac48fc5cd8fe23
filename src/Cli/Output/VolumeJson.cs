using System.Text.Json;
using Rundlet.Engine;
using Rundlet.Engine.State;
using Rundlet.Engine.Volumes;

namespace Rundlet.Cli.Output;

/// <summary>A volume in the shape of docker's <c>volume inspect</c>.</summary>
internal static class VolumeJson
{
    /// <summary>Writes the members of its object.</summary>
    public static void Write(Utf8JsonWriter json, EnginePaths paths, VolumeRecord volume)
    {
        json.WriteString("CreatedAt"u8, volume.Created);
        json.WriteString("Driver"u8, VolumeOptions.LocalDriver);
        WriteMapOrNull(json, "Labels", volume.Labels);
        json.WriteString("Mountpoint"u8, paths.VolumeData(volume.Name));
        json.WriteString("Name"u8, volume.Name);
        WriteMapOrNull(json, "Options", volume.Options);
        json.WriteString("Scope"u8, VolumeOptions.LocalDriver);
        json.WriteBoolean("Anonymous"u8, volume.IsAnonymous);
    }

    private static void WriteMapOrNull(Utf8JsonWriter json, string name, IReadOnlyDictionary<string, string> map)
    {
        if (map.Count == 0)
            json.WriteNull(name);
        else
            json.WriteMap(name, map);
    }
}

using System.Text.Json.Serialization;

namespace Rundlet.Engine.Options;

/// <summary>What sort of mount a user asked for.</summary>
[JsonConverter(typeof(JsonStringEnumConverter<MountKind>))]
public enum MountKind
{
    /// <summary>A file or folder of the host.</summary>
    Bind,

    /// <summary>A file system in memory.</summary>
    Tmpfs,

    /// <summary>A volume.</summary>
    Volume,

    /// <summary>The files of an image, which nobody can write to.</summary>
    Image,
}

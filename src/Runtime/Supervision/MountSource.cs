using System.Text.Json;
using Rundlet.Linux.Mounts;
using Rundlet.Oci;

namespace Rundlet.Runtime.Supervision;

/// <summary>
/// A volume, or an image, that is bound on a mount of the spec. The supervisor opens it at each start, beneath its root, and nobody looks it
/// up a second time (CVE-2021-25741).
/// </summary>
public sealed class MountSource
{
    /// <summary>The folder of a volume that holds its files.</summary>
    public const string DataName = "_data";

    /// <summary>The mount's destination, as the spec has it.</summary>
    public required string Destination { get; init; }

    /// <summary>Absolute path of a volume's folder; its files are in <see cref="DataName"/>. With an image its name, to tell.</summary>
    public required string Volume { get; init; }

    /// <summary>The folders of an image's layers, the topmost first; null for a volume.</summary>
    public IReadOnlyList<string>? Layers { get; init; }

    /// <summary>A path in it, resolved beneath its root; null for all of it.</summary>
    public string? Subpath { get; init; }

    /// <summary>What is mounted on the volume's files while containers use it; null for a plain folder.</summary>
    public FileSystemMount? FileSystem { get; init; }

    /// <summary>Whether the container cannot write to it; only told, the spec says it too.</summary>
    public bool IsReadOnly { get; init; }

    /// <summary>The volume's name.</summary>
    public string VolumeName => Volume[(Volume.LastIndexOf('/') + 1)..];

    internal static MountSource Read(ref JsonCursor json)
    {
        string? destination = null, volume = null, subpath = null, type = null, device = null;
        List<string>? options = null, layers = null;
        bool readOnly = false;
        json.BeginObject();
        while (json.NextMember())
            if (json.Is("destination"u8)) destination = json.String();
            else if (json.Is("volume"u8)) volume = json.String();
            else if (json.Is("subpath"u8)) subpath = json.String();
            else if (json.Is("layers"u8)) layers = json.Strings();
            else if (json.Is("readOnly"u8)) readOnly = json.Boolean();
            else if (json.Is("type"u8)) type = json.String();
            else if (json.Is("device"u8)) device = json.String();
            else if (json.Is("options"u8)) options = json.Strings();
            else json.Ignore();
        return new MountSource
        {
            Destination = destination ?? throw json.Missing("destination"),
            Volume = volume ?? throw json.Missing("volume"),
            Subpath = subpath,
            Layers = layers,
            IsReadOnly = readOnly,
            FileSystem = type is null ? null : new FileSystemMount(type, device ?? "", options ?? []),
        };
    }

    internal void Write(JsonWriter json)
    {
        json.WriteStartObject();
        json.WriteString("destination"u8, Destination);
        json.WriteString("volume"u8, Volume);
        json.Member("subpath"u8, Subpath);
        if (Layers is not null)
            json.Member("layers"u8, [.. Layers]);
        json.MemberIfTrue("readOnly"u8, IsReadOnly);
        if (FileSystem is not null)
        {
            json.WriteString("type"u8, FileSystem.Type);
            json.WriteString("device"u8, FileSystem.Device);
            json.Member("options"u8, [.. FileSystem.Options]);
        }
        json.WriteEndObject();
    }
}

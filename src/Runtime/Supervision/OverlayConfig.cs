using System.Text.Json;
using Rundlet.Oci;

namespace Rundlet.Runtime.Supervision;

/// <summary>The overlay that becomes the container's root file system; see the kernel's filesystems/overlayfs.</summary>
public sealed class OverlayConfig
{
    /// <summary>Absolute paths of the read-only layers, the topmost first; at least one.</summary>
    public required IReadOnlyList<string> Lower { get; init; }

    /// <summary>Absolute path of the writable layer; null for a read-only root.</summary>
    public string? Upper { get; init; }

    /// <summary>Absolute path of the work folder, on the same file system as <see cref="Upper"/>.</summary>
    public string? Work { get; init; }

    /// <summary>Further mount options, <c>key</c> or <c>key=value</c>: <c>volatile</c>, <c>userxattr</c>, <c>metacopy=on</c>.</summary>
    public IReadOnlyList<string> Options { get; init; } = [];

    internal static OverlayConfig Read(ref JsonCursor json)
    {
        List<string>? lower = null, options = null;
        string? upper = null, work = null;
        json.BeginObject();
        while (json.NextMember())
            if (json.Is("lower"u8)) lower = json.Strings();
            else if (json.Is("upper"u8)) upper = json.String();
            else if (json.Is("work"u8)) work = json.String();
            else if (json.Is("options"u8)) options = json.Strings();
            else json.Ignore();
        return new OverlayConfig { Lower = lower ?? throw json.Missing("lower"), Upper = upper, Work = work, Options = options ?? [] };
    }

    internal void Write(JsonWriter json)
    {
        json.WriteStartObject("overlay"u8);
        json.Member("lower"u8, [.. Lower]);
        json.Member("upper"u8, Upper);
        json.Member("work"u8, Work);
        json.Member("options"u8, [.. Options]);
        json.WriteEndObject();
    }
}

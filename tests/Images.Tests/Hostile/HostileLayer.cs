using Rundlet.Images.Tests.Tar;
using Rundlet.Images.Unpack;

namespace Rundlet.Images.Tests.Hostile;

/// <summary>A hostile archive and what must come of it: a refusal with its reason, or the files of a harmless layer.</summary>
internal sealed record HostileLayer(string Name, Func<Sandbox, byte[]> Archive)
{
    /// <summary>What the message of the refusal holds; null where the archive is unpacked.</summary>
    public string? Refusal { get; init; }

    /// <summary>The files afterwards, as <see cref="CompactTree"/> shows them; null where only the outside counts.</summary>
    public string[]? Tree { get; init; }

    /// <summary>What it may cost.</summary>
    public UnpackLimits Limits { get; init; } = UnpackLimits.Default;

    /// <summary>How much this thread may allocate for it, in bytes; two buffers of 256 KiB and a little, unless the case says otherwise.</summary>
    public long Memory { get; init; } = 4 << 20;

    /// <summary>How much disk it may take, in bytes.</summary>
    public long Disk { get; init; } = 1 << 20;

    /// <summary>Unpacked onto a tmpfs, where 100,000 folders take a second instead of a minute.</summary>
    public bool InMemory { get; init; }

    public static HostileLayer Refused(string name, string reason, RawTar tar) => new(name, _ => tar.Ended) { Refusal = reason };

    public static HostileLayer Refused(string name, string reason, Func<Sandbox, RawTar> tar) => new(name, box => tar(box).Ended) { Refusal = reason };

    public static HostileLayer Harmless(string name, RawTar tar, params string[] tree) => new(name, _ => tar.Ended) { Tree = tree };

    public static HostileLayer Harmless(string name, Func<Sandbox, RawTar> tar, params string[] tree) => new(name, box => tar(box).Ended) { Tree = tree };
}

using System.Runtime.InteropServices;
using Rundlet.Linux;
using Rundlet.Oci;

namespace Rundlet.Images.Platforms;

/// <summary>What an image is made for, as people write it: <c>linux/amd64</c>, <c>linux/arm/v7</c>, <c>arm64</c>.</summary>
/// <param name="Os">Operating system as GOOS.</param>
/// <param name="Architecture">CPU as GOARCH.</param>
/// <param name="Variant">Variant of the CPU; null where it does not matter, or is the usual one.</param>
public sealed record ImagePlatform(string Os, string Architecture, string? Variant)
{
    /// <summary>This machine's.</summary>
    public static ImagePlatform Machine { get; } = new("linux", RuntimeInformation.OSArchitecture switch
    {
        System.Runtime.InteropServices.Architecture.X64 => "amd64",
        System.Runtime.InteropServices.Architecture.Arm64 => "arm64",
        var other => other.ToString().ToLowerInvariant(),
    }, null);

    /// <summary>Reads what a person typed: <c>os/architecture</c>, <c>os/architecture/variant</c> or the architecture alone.</summary>
    /// <exception cref="ContainerException"><see cref="ContainerErrorKind.InvalidArgument"/>: it is no platform.</exception>
    public static ImagePlatform Parse(string text)
    {
        string[] parts = text.ToLowerInvariant().Split('/');
        bool isProper = parts.Length <= 3 && parts.All(part => part.Length is > 0 and <= 32 && part.All(c => char.IsAsciiLetterOrDigit(c) || c is '.' or '_' or '-'));
        if (!isProper || parts is ["linux"])
        {
            throw new ContainerException(ContainerErrorKind.InvalidArgument, $"invalid platform '{text}'") { Hint = "write OS/ARCHITECTURE[/VARIANT], such as linux/amd64 or linux/arm/v7" };
        }
        return parts switch
        {
            [var architecture] => Normalized("linux", architecture, null),
            [var os, var architecture] => Normalized(os, architecture, null),
            _ => Normalized(parts[0], parts[1], parts[2]),
        };
    }

    /// <summary>What a document says.</summary>
    public static ImagePlatform Of(Platform platform) => Normalized(platform.Os, platform.Architecture, platform.Variant);

    /// <inheritdoc cref="Of(Platform)"/>
    public static ImagePlatform Of(ImageConfig config) => Normalized(config.Os, config.Architecture, config.Variant);

    /// <summary>Whether something made for another platform runs on this one.</summary>
    public bool Accepts(ImagePlatform other) => Rank(other) >= 0;

    /// <summary>The best of an index' images for this platform; null when none fits. Between equals the first one wins, as the index orders them.</summary>
    /// <param name="index">The choices; those that say no platform are passed over.</param>
    /// <param name="isThere">Whether a choice can be had; null for all.</param>
    public Descriptor? Choose(IEnumerable<Descriptor> index, Func<Descriptor, bool>? isThere = null)
    {
        Descriptor? best = null;
        int bestRank = -1;
        foreach (Descriptor choice in index)
        {
            int rank = choice.Platform is null ? -1 : Rank(Of(choice.Platform));
            if (rank <= bestRank || isThere?.Invoke(choice) == false)
                continue;
            (best, bestRank) = (choice, rank);
        }
        return best;
    }

    /// <inheritdoc/>
    public override string ToString() => Variant is null ? $"{Os}/{Architecture}" : $"{Os}/{Architecture}/{Variant}";

    /// <summary>How well something made for another platform fits, 0 and more; −1: not at all. A CPU runs what older ones of its kind ran.</summary>
    private int Rank(ImagePlatform other)
    {
        if (other.Os != Os || other.Architecture != Architecture)
            return -1;
        if (other.Variant == Variant)
            return 100;
        return LevelOf(other.Variant) is { } theirs && theirs <= LevelOf(Variant) ? theirs : -1;
    }

    /// <summary>The number in a variant, or that of the usual one; null where variants have no order.</summary>
    private int? LevelOf(string? variant) => (Architecture, variant) switch
    {
        ("arm", null) => 7,
        ("arm64", null) => 8,
        ("amd64", null) => 1,
        ("arm" or "arm64" or "amd64", ['v', >= '1' and <= '9' and var digit]) => digit - '0',
        _ => null,
    };

    /// <summary>Other spellings, and variants that every CPU of the kind has.</summary>
    private static ImagePlatform Normalized(string os, string architecture, string? variant)
    {
        architecture = architecture switch
        {
            "x86_64" or "x86-64" => "amd64",
            "aarch64" => "arm64",
            "i386" or "i686" => "386",
            "armhf" => "arm",
            _ => architecture,
        };
        bool isUsual = (architecture, variant) is ("amd64", "v1") or ("arm64", "v8" or "8") || variant?.Length == 0;
        return new ImagePlatform(os, architecture, isUsual ? null : variant);
    }
}

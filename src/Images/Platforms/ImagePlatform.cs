using System.Runtime.InteropServices;
using Rundlet.Linux;
using Rundlet.Oci;

namespace Rundlet.Images.Platforms;

/// <summary>
/// What an image runs on, in normal form: names as image-index.md of image-spec has them, and a variant only where it tells something
/// (<c>arm/v7</c>, <c>amd64/v3</c>; never <c>arm64/v8</c> or <c>amd64/v1</c>, which all of them are).
/// </summary>
public sealed record ImagePlatform
{
    private static readonly string[] s_systems =
        ["aix", "android", "darwin", "dragonfly", "freebsd", "illumos", "js", "linux", "netbsd", "openbsd", "plan9", "solaris", "wasip1", "windows"];

    private static readonly string[] s_architectures =
        ["386", "amd64", "arm", "arm64", "loong64", "mips", "mips64", "mips64le", "mipsle", "ppc64", "ppc64le", "riscv64", "s390x", "wasm"];

    private ImagePlatform(string os, string architecture, string variant)
    {
        Os = os.ToLowerInvariant() is "macos" ? "darwin" : os.ToLowerInvariant();
        (Architecture, string normal) = Normalize(architecture.ToLowerInvariant(), variant.ToLowerInvariant());
        Variant = normal.Length > 0 ? normal : null;
    }

    /// <summary>This machine's.</summary>
    public static ImagePlatform Machine { get; } = new("linux", RuntimeInformation.OSArchitecture switch
    {
        System.Runtime.InteropServices.Architecture.X64 => "amd64",
        System.Runtime.InteropServices.Architecture.X86 => "386",
        System.Runtime.InteropServices.Architecture.Armv6 => "armel",
        System.Runtime.InteropServices.Architecture.LoongArch64 => "loong64",
        var other => other.ToString().ToLowerInvariant(),
    }, "");

    /// <summary>Operating system as GOOS.</summary>
    public string Os { get; }

    /// <summary>CPU as GOARCH.</summary>
    public string Architecture { get; }

    /// <summary>Variant of the CPU; null where it does not matter, or is the usual one.</summary>
    public string? Variant { get; }

    /// <summary>What a document says; its spelling may be any.</summary>
    public static ImagePlatform Of(Platform platform) => new(platform.Os, platform.Architecture, platform.Variant ?? "");

    /// <inheritdoc cref="Of(Platform)"/>
    public static ImagePlatform Of(ImageConfig config) => new(config.Os, config.Architecture, config.Variant ?? "");

    /// <summary>Reads what a person typed: <c>os/arch/variant</c>, <c>os/arch</c>, or one of os and arch, the other one being this machine's.</summary>
    /// <exception cref="ContainerException">InvalidArgument: it is no platform.</exception>
    public static ImagePlatform Parse(string text)
    {
        string[] parts = text.Split('/');
        if (parts.Length > 3 || Array.Exists(parts, part => part.Length == 0 || !part.All(c => char.IsAsciiLetterOrDigit(c) || c is '.' or '_' or '-')))
            throw Invalid(text);
        if (parts.Length > 1)
            return new ImagePlatform(parts[0], parts[1], parts.Length > 2 ? parts[2] : "");
        var asArchitecture = new ImagePlatform(Machine.Os, text, "");
        if (s_architectures.Contains(asArchitecture.Architecture))
            return asArchitecture;
        var asSystem = new ImagePlatform(text, Machine.Architecture, Machine.Variant ?? "");
        return s_systems.Contains(asSystem.Os) ? asSystem : throw Invalid(text);
    }

    /// <summary>Whether something made for another platform runs on this one.</summary>
    public bool Accepts(ImagePlatform other) => new PlatformMatcher(this).RankOf(other) >= 0;

    /// <inheritdoc cref="PlatformMatcher.Choose"/>
    public Descriptor? Choose(IEnumerable<Descriptor> manifests, Func<Descriptor, bool>? isThere = null) => new PlatformMatcher(this).Choose(manifests, isThere);

    /// <summary>As it is typed.</summary>
    public override string ToString() => Variant is null ? $"{Os}/{Architecture}" : $"{Os}/{Architecture}/{Variant}";

    // The aliases that the world's uname(1), Debian and GOARM have for one thing.
    private static (string Architecture, string Variant) Normalize(string architecture, string variant) => architecture switch
    {
        "i386" or "i486" or "i586" or "i686" => ("386", ""),
        "x86_64" or "x86-64" or "amd64" => ("amd64", Numbered(variant) is "v1" ? "" : Numbered(variant)),
        "aarch64" or "arm64" => ("arm64", Numbered(variant) switch { "v8" or "v8.0" => "", "v9.0" => "v9", var other => other }),
        "armhf" => ("arm", "v7"),
        "armel" => ("arm", "v6"),
        "arm" => ("arm", variant.Length == 0 ? "v7" : Numbered(variant)),
        "mips64el" => ("mips64le", variant),
        "mipsel" => ("mipsle", variant),
        "ppc64el" => ("ppc64le", variant),
        _ => (architecture, variant),
    };

    private static string Numbered(string variant) => variant.Length > 0 && char.IsAsciiDigit(variant[0]) ? "v" + variant : variant;

    private static ContainerException Invalid(string text) =>
        new(ContainerErrorKind.InvalidArgument, $"invalid platform '{text}'") { Hint = "it is os/architecture or os/architecture/variant: linux/amd64, linux/arm/v7" };
}

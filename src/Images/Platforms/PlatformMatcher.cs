using System.Globalization;
using Rundlet.Linux;
using Rundlet.Oci;

namespace Rundlet.Images.Platforms;

/// <summary>
/// Chooses what runs on a platform, best first, as containerd and docker do: the platform itself, then older variants of its CPU, then
/// the 32-bit CPU that it can be as well.
/// <code>
/// amd64/v3    v3, v2, amd64, 386
/// arm/v7      v7, v6, v5
/// arm64       arm64, arm/v8, v7, v6, v5
/// arm64/v9.1  v9.1, v9, v8.6 … v8.1, arm64, arm/v8, v7, v6, v5
/// </code>
/// </summary>
/// <param name="wanted">The platform.</param>
public sealed class PlatformMatcher(ImagePlatform wanted)
{
    private const int OldestArm = 5, LastMinorOfArm8 = 9, MinorsAhead = 5; // Armv9.N has what Armv8.(N+5) has

    private readonly List<(string Architecture, string Variant)> _order = [.. Order(wanted.Architecture, wanted.Variant ?? "").Distinct()];

    /// <summary>For this machine.</summary>
    public static PlatformMatcher Machine { get; } = new(ImagePlatform.Machine);

    /// <summary>The platform itself.</summary>
    public ImagePlatform Wanted => wanted;

    /// <summary>How well a platform fits: 0 is best.</summary>
    /// <returns>−1 where it does not run there.</returns>
    public int RankOf(ImagePlatform platform) => platform.Os == wanted.Os ? _order.IndexOf((platform.Architecture, platform.Variant ?? "")) : -1;

    /// <summary>The best of an index's manifests; of equals the first. Null where none runs there; those that say no platform are passed over.</summary>
    /// <param name="manifests">The choices.</param>
    /// <param name="isThere">Whether a choice can be had; null for all.</param>
    public Descriptor? Choose(IEnumerable<Descriptor> manifests, Func<Descriptor, bool>? isThere = null)
    {
        Descriptor? best = null;
        int bestRank = int.MaxValue;
        foreach (Descriptor manifest in manifests)
        {
            int rank = manifest.Platform is null ? -1 : RankOf(ImagePlatform.Of(manifest.Platform));
            if (rank >= 0 && rank < bestRank && isThere?.Invoke(manifest) != false)
                (best, bestRank) = (manifest, rank);
        }
        return best;
    }

    /// <summary>As <see cref="Choose"/>, of a whole index; a manifest without a platform is better than none.</summary>
    /// <param name="manifests">The choices.</param>
    /// <param name="subject">What to call the index in an error: <c>image 'web:latest'</c>.</param>
    /// <exception cref="ContainerException">NotFound: nothing runs there; says what there is.</exception>
    public Descriptor Select(IReadOnlyList<Descriptor> manifests, string subject) =>
        Choose(manifests) ?? manifests.FirstOrDefault(manifest => manifest.Platform is null)
        ?? throw new ContainerException(ContainerErrorKind.NotFound, $"{subject} is not for '{wanted}'") { Hint = HintOf(manifests) };

    // Attestations are in indexes as platform unknown/unknown.
    private static string HintOf(IReadOnlyList<Descriptor> manifests)
    {
        const int MostShown = 12;
        List<string> platforms = [.. manifests.Select(manifest => manifest.Platform).OfType<Platform>().Where(platform => platform.Os != "unknown")
            .Select(platform => ByteText.Show(System.Text.Encoding.UTF8.GetBytes(ImagePlatform.Of(platform).ToString()))).Distinct().Take(MostShown)];
        return platforms.Count > 0 ? $"it is for {string.Join(", ", platforms)}" : "it has no image at all";
    }

    private static IEnumerable<(string Architecture, string Variant)> Order(string architecture, string variant)
    {
        yield return (architecture, variant);
        (int major, int minor) = Version(variant);
        switch (architecture)
        {
            case "amd64":
                for (int older = major - 1; older > 1; older--)
                    yield return ("amd64", $"v{older}");
                yield return ("amd64", "");
                yield return ("386", "");
                break;
            case "arm":
                for (int older = major - 1; older >= OldestArm; older--)
                    yield return ("arm", $"v{older}");
                break;
            case "arm64":
                foreach (string older in OlderArm64(major, minor))
                    yield return ("arm64", older);
                yield return ("arm64", "");
                for (int older = 8; older >= OldestArm; older--)
                    yield return ("arm", $"v{older}");
                break;
        }
    }

    private static IEnumerable<string> OlderArm64(int major, int minor)
    {
        if (major >= 9)
        {
            for (int older = minor - 1; older >= 0; older--)
                yield return older == 0 ? "v9" : $"v9.{older}";
        }
        for (int older = major >= 9 ? Math.Min(minor + MinorsAhead, LastMinorOfArm8) : minor - 1; older > 0; older--)
            yield return $"v8.{older}";
    }

    // "v8.2" is 8 and 2; what is no version is 0.
    private static (int Major, int Minor) Version(string variant)
    {
        string[] parts = variant.TrimStart('v').Split('.');
        int Part(int index) => index < parts.Length && int.TryParse(parts[index], NumberStyles.None, CultureInfo.InvariantCulture, out int number) && number < 100 ? number : 0;
        return (Part(0), Part(1));
    }
}

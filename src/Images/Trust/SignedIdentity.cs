using Rundlet.Images.References;

namespace Rundlet.Images.Trust;

/// <summary>Compares what a signature calls the image with what was asked for, so that one image's signature is not another's.</summary>
/// <param name="Match">How.</param>
/// <param name="Named">The reference or repository that the policy names, or the prefix to be exchanged.</param>
/// <param name="SignedPrefix">What the prefix becomes.</param>
internal sealed record SignedIdentity(IdentityMatch Match, string Named = "", string SignedPrefix = "")
{
    /// <summary>Whether it fits.</summary>
    public bool Accepts(ImageReference wanted, SignedReference signed) => Match switch
    {
        IdentityMatch.Exact => IsSame(SignedReference.Of(wanted), signed),
        IdentityMatch.Repository => SignedReference.NameOf(wanted) == signed.Name,
        IdentityMatch.ExactReference => SignedReference.TryParse(Named) is { } named && IsSame(named, signed),
        IdentityMatch.ExactRepository => SignedReference.TryParse(Named)?.Name == signed.Name,
        IdentityMatch.Remapped => Remap(wanted) is { } remapped && IsSameOrRepository(remapped, signed),
        _ => IsSameOrRepository(wanted, signed),
    };

    private static bool IsSame(SignedReference wanted, SignedReference signed) => signed.IsExact && signed == wanted;

    /// <summary>A digest that was asked for is the image whatever its tag is, so the repository is enough.</summary>
    private static bool IsSameOrRepository(ImageReference wanted, SignedReference signed) =>
        wanted.Digest.IsEmpty ? IsSame(SignedReference.Of(wanted), signed) : SignedReference.NameOf(wanted) == signed.Name;

    /// <summary>The reference with the prefix exchanged; as it was where it has another one.</summary>
    private ImageReference? Remap(ImageReference wanted)
    {
        string text = wanted.ToString();
        bool fits = text.StartsWith(Named, StringComparison.Ordinal) && (text.Length == Named.Length || text[Named.Length] is '/' or ':' or '@');
        if (!fits)
            return wanted;
        return ImageReference.TryParse(SignedPrefix + text[Named.Length..], out ImageReference? remapped) ? remapped : null;
    }
}

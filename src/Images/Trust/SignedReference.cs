using Rundlet.Images.References;
using Rundlet.Oci;

namespace Rundlet.Images.Trust;

/// <summary>
/// What a signature calls the image. No tag is added to one that has none: cosign signs <c>registry/repository</c> alone, and that is not
/// the same as <c>registry/repository:latest</c>.
/// </summary>
/// <param name="Name">Registry and repository.</param>
/// <param name="Tag">The tag, or null.</param>
/// <param name="Digest">The digest, or empty.</param>
internal sealed record SignedReference(string Name, string? Tag, Digest Digest)
{
    /// <summary>Whether it says which image of the repository.</summary>
    public bool IsExact => Tag is not null || !Digest.IsEmpty;

    /// <summary>Reads one; null where it is none.</summary>
    public static SignedReference? TryParse(string text)
    {
        if (!ImageReference.TryParse(text, out ImageReference? reference))
            return null;
        bool hasTag = text.LastIndexOf(':', Math.Max(0, text.IndexOf('@') is >= 0 and var at ? at - 1 : text.Length - 1)) > text.LastIndexOf('/');
        return new SignedReference(NameOf(reference), hasTag ? reference.Tag : null, reference.Digest);
    }

    /// <summary>An image that was asked for.</summary>
    public static SignedReference Of(ImageReference reference) => new(NameOf(reference), reference.Tag, reference.Digest);

    /// <summary>Registry and repository in normal form.</summary>
    public static string NameOf(ImageReference reference) => $"{reference.Registry}/{reference.Repository}";

    /// <inheritdoc/>
    public override string ToString() => Name + (Tag is null ? "" : $":{Tag}") + (Digest.IsEmpty ? "" : $"@{Digest}");
}

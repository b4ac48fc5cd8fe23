using Rundlet.Engine.State;
using Rundlet.Images.References;

namespace Rundlet.Cli.Output;

/// <summary>How images are listed.</summary>
internal static class ImageListing
{
    private const string None = "<none>";
    private const int ShortId = 12;

    /// <summary>The listing.</summary>
    /// <param name="containers">Containers, read when somebody asks how many an image has.</param>
    /// <param name="whole">Whether ids are shown whole.</param>
    /// <param name="digests">Whether the table has the digests.</param>
    /// <param name="now">What ages are counted from.</param>
    public static Listing<NamedImage> Of(Func<IEnumerable<ContainerRecord>> containers, bool whole, bool digests, DateTimeOffset now)
    {
        var users = new Lazy<Dictionary<string, int>>(() => containers().Select(container => container.Manifest).OfType<string>().CountBy(manifest => manifest).ToDictionary());
        return new Listing<NamedImage>(
            digests ? ["Repository", "Tag", "Digest", "ID", "CreatedSince", "Size"] : ["Repository", "Tag", "ID", "CreatedSince", "Size"],
            new("Repository", "REPOSITORY", named => ReferenceOf(named)?.FamiliarName ?? None),
            new("Tag", "TAG", named => ReferenceOf(named)?.Tag ?? None),
            new("Digest", "DIGEST", named => named.Target.ToString()),
            new("ID", "IMAGE ID", named => IdOf(named.Image, whole)),
            new("CreatedSince", "CREATED", named => named.Image.Created is { } created ? Human.Ago(created, now) : "N/A"),
            new("CreatedAt", "CREATED AT", named => named.Image.Created is { } created ? Human.Moment(created) : "N/A"),
            new("Size", "SIZE", named => Human.Decimal((ulong)named.Image.Size)),
            new("Containers", "CONTAINERS", named => $"{users.Value.GetValueOrDefault(named.Image.Manifest.ToString())}"));
    }

    /// <summary>An image's id as listings show it.</summary>
    public static string IdOf(ImageRecord image, bool whole) => whole ? image.Id.ToString() : image.Id.Hex[..ShortId];

    private static ImageReference? ReferenceOf(NamedImage named) => named.Name is null ? null : ImageReference.Parse(named.Name);
}

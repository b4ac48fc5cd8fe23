using Rundlet.Images.References;
using Rundlet.Linux;
using Rundlet.Oci;

namespace Rundlet.Images;

public sealed partial class ImageStore
{
    private const int MinIdLength = 4;

    /// <summary>Every reference with what it points at, sorted by name. Reads no blob.</summary>
    public IReadOnlyList<NamedImage> List() => _database.List();

    /// <summary>Images without a name, sorted by manifest.</summary>
    public IReadOnlyList<NamedImage> ListUnnamed() => _database.ListUnnamed();

    /// <summary>Names of the containers that were made of an image.</summary>
    public IReadOnlyList<string> ContainersOf(ImageRecord image) => _database.ContainersOf(image.Manifest);

    /// <summary>An image by reference or by id.</summary>
    /// <param name="nameOrId">
    /// A reference in any form, also one with the digest of an image that is here under another name of the same repository; an id with or
    /// without <c>sha256:</c>, at least its first four digits.
    /// </param>
    /// <exception cref="ContainerException">
    /// <see cref="ContainerErrorKind.NotFound"/>: there is none; <see cref="ContainerErrorKind.InvalidArgument"/>: neither a reference nor
    /// an id, or the beginning of several ids.
    /// </exception>
    /// <exception cref="Syscalls.LinuxException">The kernel refused.</exception>
    public Image Inspect(string nameOrId)
    {
        NamedImage found = Find(nameOrId);
        return Read(found);
    }

    /// <summary>The image of a manifest.</summary>
    /// <exception cref="ContainerException"><see cref="ContainerErrorKind.NotFound"/>: there is none.</exception>
    /// <exception cref="Syscalls.LinuxException">The kernel refused.</exception>
    public Image Inspect(Digest manifest)
    {
        ImageRecord found = _database.TryGetImage(manifest) ?? throw new ContainerException(ContainerErrorKind.NotFound, $"no image has the manifest '{manifest}'");
        return Read(new NamedImage(null, manifest, found));
    }

    /// <summary>Reads the documents of an image.</summary>
    /// <exception cref="ContainerException"><see cref="ContainerErrorKind.NotFound"/>: a document is missing, so the store is damaged.</exception>
    /// <exception cref="Syscalls.LinuxException">The kernel refused.</exception>
    public Image Read(NamedImage named)
    {
        try
        {
            ImageManifest manifest = ReadManifest(named.Image.Manifest, named.Image.ManifestSize);
            return new Image(named.Name is null ? null : ImageReference.Parse(named.Name), named.Image, manifest, ReadConfig(manifest));
        }
        catch (Exception error) when (error is ContainerException { Kind: ContainerErrorKind.NotFound } or Syscalls.LinuxException { Errno: Syscalls.Errno.ENOENT } && WasRemoved(named.Image))
        {
            throw RemovedMeanwhile(named.Name, named.Image);
        }
    }

    /// <summary>Whether an image that the database had is there no more: then what is missing of it is no damage.</summary>
    private bool WasRemoved(ImageRecord image) => _database.TryGetImage(image.Manifest) is null;

    private static ContainerException RemovedMeanwhile(string? name, ImageRecord image) =>
        new(ContainerErrorKind.NotFound, $"image '{(name is null ? image.Id.ToString() : ImageReference.Parse(name).Familiar)}' was removed meanwhile");

    /// <summary>What the database says about an image, by reference or by id; reads no blob.</summary>
    /// <inheritdoc cref="Inspect" path="/param"/>
    /// <returns>Without a name when it was found by its id.</returns>
    /// <inheritdoc cref="Inspect" path="/exception"/>
    public NamedImage Find(string nameOrId)
    {
        string id = nameOrId.StartsWith("sha256:", StringComparison.Ordinal) ? nameOrId["sha256:".Length..] : nameOrId;
        bool mayBeId = id.Length is >= MinIdLength and <= 64 && !id.AsSpan().ContainsAnyExcept("0123456789abcdef");
        if (ImageReference.TryParse(nameOrId, out ImageReference? reference))
        {
            if ((_database.TryGet(reference.ToString()) ?? FindByDigest(reference)) is { } found)
                return found;
        }
        else if (!mayBeId)
        {
            reference = ImageReference.Parse(nameOrId); // says what is wrong
        }
        if (mayBeId && FindById(id) is { } image)
            return new NamedImage(null, image.Manifest, image);
        throw new ContainerException(ContainerErrorKind.NotFound, $"no such image '{reference?.Familiar ?? nameOrId}'");
    }

    /// <summary>All references that lead to an image or to one with the same id.</summary>
    public IReadOnlyList<NamedImage> NamesOf(ImageRecord image) => [.. _database.List().Where(named => named.Image.Id == image.Id)];

    private NamedImage? FindByDigest(ImageReference reference)
    {
        if (reference.Digest.IsEmpty)
            return null;
        foreach (NamedImage named in _database.FindByDigest(reference.Digest))
        {
            ImageReference known = ImageReference.Parse(named.Name!);
            if (known.Registry == reference.Registry && known.Repository == reference.Repository)
                return named with { Name = reference.ToString() };
        }
        return null;
    }

    private ImageRecord? FindById(string id)
    {
        IReadOnlyList<ImageRecord> found = _database.FindById(id);
        if (found.Any(image => image.Id != found[0].Id))
            throw new ContainerException(ContainerErrorKind.InvalidArgument, $"'{id}' is the beginning of more than one image id") { Hint = "write more of it" };
        return found is [var first, ..] ? first : null;
    }
}

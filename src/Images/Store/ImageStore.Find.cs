using Rundlet.Images.References;
using Rundlet.Linux;

namespace Rundlet.Images;

public sealed partial class ImageStore
{
    private const int MinIdLength = 4;

    /// <summary>Every reference with what it points at, sorted by name. Reads no blob.</summary>
    /// <exception cref="Syscalls.LinuxException">The kernel refused.</exception>
    public IReadOnlyList<KeyValuePair<string, ImageRecord>> List() => _references.List();

    /// <summary>An image by reference or by id.</summary>
    /// <param name="nameOrId">A reference in any form; an id with or without <c>sha256:</c>, at least its first four digits.</param>
    /// <exception cref="ContainerException">
    /// <see cref="ContainerErrorKind.NotFound"/>: there is none; <see cref="ContainerErrorKind.InvalidArgument"/>: neither a reference nor
    /// an id, or the beginning of several ids.
    /// </exception>
    /// <exception cref="Syscalls.LinuxException">The kernel refused.</exception>
    public Image Inspect(string nameOrId)
    {
        (ImageReference? reference, ImageRecord record) = Find(nameOrId);
        Oci.ImageManifest manifest = ReadManifest(record.Manifest, record.ManifestSize);
        return new Image(reference, record, manifest, ReadConfig(manifest));
    }

    private (ImageReference? Reference, ImageRecord Record) Find(string nameOrId)
    {
        string id = nameOrId.StartsWith("sha256:", StringComparison.Ordinal) ? nameOrId["sha256:".Length..] : nameOrId;
        bool mayBeId = id.Length is >= MinIdLength and <= 64 && !id.AsSpan().ContainsAnyExcept("0123456789abcdef");
        if (ImageReference.TryParse(nameOrId, out ImageReference? reference))
        {
            if (_references.TryGet(reference.ToString()) is { } found)
                return (reference, found);
        }
        else if (!mayBeId)
        {
            reference = ImageReference.Parse(nameOrId); // says what is wrong
        }
        if (mayBeId && FindById(id) is { } record)
            return (null, record);
        throw new ContainerException(ContainerErrorKind.NotFound, $"no such image '{reference?.Familiar ?? nameOrId}'");
    }

    private ImageRecord? FindById(string id)
    {
        ImageRecord? found = null;
        foreach ((_, ImageRecord record) in _references.List())
        {
            if (!record.Id.Hex.StartsWith(id, StringComparison.Ordinal))
                continue;
            if (found is not null && found.Id != record.Id)
                throw new ContainerException(ContainerErrorKind.InvalidArgument, $"'{id}' is the beginning of more than one image id");
            found = record;
        }
        return found;
    }
}

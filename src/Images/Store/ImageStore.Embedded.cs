using System.Text;
using Rundlet.Images.References;
using Rundlet.Images.Tar;
using Rundlet.Linux;
using Rundlet.Oci;

namespace Rundlet.Images;

public sealed partial class ImageStore
{
    /// <summary>
    /// Makes sure that an image that comes with the program is in the store under its name. When it is, only the archive's headers
    /// are looked at.
    /// </summary>
    /// <param name="layout">An image layout with one image, as a tar that can seek.</param>
    /// <param name="reference">What to call it.</param>
    /// <inheritdoc cref="Load" path="/exception"/>
    public ImageRecord EnsureEmbedded(Stream layout, ImageReference reference)
    {
        long start = layout.Position;
        ImageRecord? present = _database.TryGet(reference.ToString())?.Image;
        if (present is not null && Content.Has(present.Manifest) && IndexNames(layout, present.Manifest))
            return present;
        layout.Position = start;
        return Load(layout, new LoadOptions { Name = reference })[0].Image;
    }

    private static bool IndexNames(Stream layout, Digest manifest)
    {
        var reader = new TarReader(layout);
        while (reader.Next() is { } entry)
        {
            if (entry.Kind != TarEntryKind.Regular || !(entry.Name.AsSpan().SequenceEqual("index.json"u8) || entry.Name.AsSpan().SequenceEqual("./index.json"u8)))
                continue;
            byte[] json = reader.ReadAll(entry, ImageReader.MaxManifestBytes);
            return ReadDocument(() => ImageReader.ReadIndex(json), "'index.json'").Manifests is [var only] && only.Digest == manifest;
        }
        return false;
    }
}

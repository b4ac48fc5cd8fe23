using Rundlet.Images.Content;
using Rundlet.Images.Pull;
using Rundlet.Images.References;
using Rundlet.Linux;
using Rundlet.Oci;

namespace Rundlet.Images;

public sealed partial class ImageStore
{
    /// <summary>
    /// Gets an image from a registry and unpacks it. An image that is here just as the registry has it costs one question.
    /// <code>
    /// reference ─► (index ─►) manifest ─► trusted? ─► lease ─► configuration, layers ─► database
    /// </code>
    /// </summary>
    /// <param name="reference">Which.</param>
    /// <param name="source">The registry.</param>
    /// <param name="options">How; null for the defaults.</param>
    /// <param name="cancel">Ends it; what has come is kept for the next time.</param>
    /// <exception cref="ContainerException">
    /// <see cref="ContainerErrorKind.NotFound"/>: the registry has no such image, or none for the platform;
    /// <see cref="ContainerErrorKind.InvalidArgument"/>: damaged, hostile or no image; <see cref="ContainerErrorKind.Unavailable"/>: the registry
    /// cannot be reached, or the disk is full.
    /// </exception>
    /// <exception cref="Syscalls.LinuxException">The kernel refused.</exception>
    /// <exception cref="OperationCanceledException">It was cancelled.</exception>
    public async Task<PulledImage> PullAsync(ImageReference reference, IImageSource source, PullOptions? options = null, CancellationToken cancel = default)
    {
        options ??= new PullOptions();
        if (await FindCurrent(reference, source, options, cancel).ConfigureAwait(false) is { } current)
            return new PulledImage(reference, current.Target, current.Image, IsNew: false);
        Reconcile();
        List<(Descriptor Descriptor, byte[] Content)> documents = await FetchDocuments(reference, source, options, cancel).ConfigureAwait(false);
        (Descriptor manifestBlob, byte[] manifestJson) = documents[^1];
        ImageManifest manifest = ReadDocument(() => ImageReader.ReadManifest(manifestJson), $"manifest '{manifestBlob.Digest}'");
        CheckIsImage(reference, manifest);
        if (options.Verify is { } verify)
            await verify(reference, documents[0].Descriptor.Digest, manifestBlob.Digest, cancel).ConfigureAwait(false);

        // Held until the image is registered: what was brought in is nobody's before.
        using IImageLease lease = await BringIn(reference, documents, source, options, cancel).ConfigureAwait(false);
        ImageRecord record = Register(reference, manifestBlob, [.. documents.SkipLast(1).Select(document => document.Descriptor)]);
        return new PulledImage(reference, documents[0].Descriptor.Digest, record, IsNew: true);
    }

    /// <summary>Brings in all that an image consists of, and its documents.</summary>
    /// <param name="reference">A reference into the repository.</param>
    /// <param name="documents">Indexes, the outermost first, and the manifest.</param>
    /// <param name="source">The registry.</param>
    /// <param name="options">How.</param>
    /// <param name="cancel">Ends it.</param>
    /// <returns>The lease on all of it.</returns>
    private async Task<IImageLease> BringIn(
        ImageReference reference, IReadOnlyList<(Descriptor Descriptor, byte[] Content)> documents, IImageSource source, PullOptions options, CancellationToken cancel)
    {
        (Descriptor manifestBlob, byte[] manifestJson) = documents[^1];
        ImageManifest manifest = ReadDocument(() => ImageReader.ReadManifest(manifestJson), $"manifest '{manifestBlob.Digest}'");
        IImageLease lease = _database.Lease();
        try
        {
            lease.Add([.. documents.Select(document => document.Descriptor.Digest), .. BlobsOf(manifestBlob.Digest, manifest)]);
            byte[] configJson = await FetchConfig(reference, source, manifest.Config, cancel).ConfigureAwait(false);
            ImageConfig config = ReadDocument(() => ImageReader.ReadConfig(configJson), $"configuration '{manifest.Config.Digest}'");
            if (documents.Count == 1 && options.Accepts?.Invoke(config) == false)
                throw OtherPlatform(reference, config, options);
            List<LayerTask> layers = [.. TasksOf(manifest, config)];
            lease.Add(layers.Select(layer => layer.ChainId));
            (Stream, long) Open(Descriptor blob, long offset, CancellationToken token) => source.OpenBlobAsync(reference, blob, offset, token).GetAwaiter().GetResult();
            new LayerBatch(Content, Layers, Open, options.Limits, options.Progress).Run(layers, Math.Clamp(options.Parallel, 1, 64), cancel);
            Keep([.. documents, (manifest.Config, configJson)]);
            return lease;
        }
        catch
        {
            lease.Dispose();
            throw;
        }
    }

    /// <summary>The image when it is here, whole, just as the registry has it.</summary>
    private async Task<NamedImage?> FindCurrent(ImageReference reference, IImageSource source, PullOptions options, CancellationToken cancel)
    {
        // Another platform's image may have come under this name, and a policy may have changed since: then nothing is taken for known.
        if (options.Choose is not null || options.Verify is not null || _database.TryGet(reference.ToString()) is not { } known || !IsWhole(known))
            return null;
        if (!reference.Digest.IsEmpty)
            return known.Target == reference.Digest ? known : null;
        Descriptor? now = await source.ResolveAsync(reference, cancel).ConfigureAwait(false);
        return now?.Digest == known.Target ? known : null;
    }

    private bool IsWhole(NamedImage named)
    {
        try
        {
            Image image = Read(named);
            CheckComplete(image.Manifest, image.Config);
            return Content.Has(named.Target) && image.Config.Os == "linux" && image.Config.Architecture == MachineArchitecture
                && named.Image.Layers.All(Layers.Has);
        }
        catch (ContainerException)
        {
            return false; // something is missing or damaged: the pull brings it again
        }
    }

    /// <summary>From the reference down to a manifest: indexes, the outermost first, then the manifest.</summary>
    private static async Task<List<(Descriptor Descriptor, byte[] Content)>> FetchDocuments(ImageReference reference, IImageSource source, PullOptions options, CancellationToken cancel)
    {
        List<(Descriptor Descriptor, byte[] Content)> documents = [await source.GetDocumentAsync(reference, cancel).ConfigureAwait(false)];
        while (true)
        {
            (Descriptor descriptor, byte[] json) = documents[^1];
            if (ReadDocument(() => ImageReader.DetectKind(json, descriptor.MediaType), $"document '{descriptor.Digest}'") == ManifestKind.Manifest)
                return documents;
            if (documents.Count > MaxIndexDepth)
                throw new ContainerException(ContainerErrorKind.InvalidArgument, $"image '{reference.Familiar}': more than {MaxIndexDepth} indexes inside each other");
            ImageIndex index = ReadDocument(() => ImageReader.ReadIndex(json), $"index '{descriptor.Digest}'");
            Descriptor choice = (options.Choose ?? ChooseForMachine)(index) ?? throw NoSuchPlatform(reference, index, options);
            documents.Add(await source.GetDocumentAsync(reference.WithDigest(choice.Digest), cancel).ConfigureAwait(false));
            if (documents[^1].Content.Length != choice.Size)
                throw new ContainerException(ContainerErrorKind.InvalidArgument, $"manifest '{choice.Digest}' has {documents[^1].Content.Length} bytes, not {choice.Size}");
        }
    }

    private async Task<byte[]> FetchConfig(ImageReference reference, IImageSource source, Descriptor config, CancellationToken cancel)
    {
        if (Content.SizeOf(config.Digest) == config.Size)
            return Content.ReadAll(config.Digest, config.Size, ImageReader.MaxConfigBytes);
        if (config.Size > ImageReader.MaxConfigBytes)
            throw new ContainerException(ContainerErrorKind.InvalidArgument, $"image '{reference.Familiar}': a configuration of {config.Size} bytes, more than {ImageReader.MaxConfigBytes}");
        (Stream bytes, long offset) = await source.OpenBlobAsync(reference, config, 0, cancel).ConfigureAwait(false);
        using (bytes)
        {
            var json = new byte[config.Size];
            int got = await bytes.ReadAtLeastAsync(json, json.Length, throwOnEndOfStream: false, cancel).ConfigureAwait(false);
            if (offset != 0 || got != json.Length || !config.Digest.IsOf(json))
                throw new ContainerException(ContainerErrorKind.InvalidArgument, $"image '{reference.Familiar}': the registry's configuration is not '{config.Digest}'");
            return json;
        }
    }

    /// <summary>Stores small documents, all with one flush.</summary>
    private void Keep(IReadOnlyList<(Descriptor Descriptor, byte[] Content)> documents)
    {
        using var pending = new PendingContents(Content, Layers);
        foreach ((Descriptor descriptor, byte[] json) in documents)
        {
            if (Content.SizeOf(descriptor.Digest) == json.Length)
                continue;
            BlobWriter writer = Content.Create(null, descriptor.Digest);
            try
            {
                writer.Write(json);
                writer.Verify();
            }
            catch
            {
                writer.Dispose();
                throw;
            }
            pending.Add(writer, descriptor.Digest);
        }
        pending.Publish();
    }

    private static Descriptor? ChooseForMachine(ImageIndex index) =>
        index.Manifests.Find(manifest => manifest.Platform is { Os: "linux" } platform && platform.Architecture == MachineArchitecture);

    private static ContainerException OtherPlatform(ImageReference reference, ImageConfig config, PullOptions options) =>
        new(ContainerErrorKind.NotFound, $"image '{reference.Familiar}' is not made for '{options.PlatformName}'")
        {
            Hint = $"there is {Platforms.ImagePlatform.Of(config)} alone; leave --platform out",
        };

    private static ContainerException NoSuchPlatform(ImageReference reference, ImageIndex index, PullOptions options)
    {
        IEnumerable<string> there = index.Manifests.Where(manifest => manifest.Platform is not null)
            .Select(manifest => $"{manifest.Platform!.Os}/{manifest.Platform.Architecture}{(manifest.Platform.Variant is { } variant ? $"/{variant}" : "")}").Distinct();
        return new ContainerException(ContainerErrorKind.NotFound, $"image '{reference.Familiar}' is not made for '{options.PlatformName ?? $"linux/{MachineArchitecture}"}'")
        {
            Hint = $"there is {string.Join(", ", there)}; --platform chooses",
        };
    }

    private static void CheckIsImage(ImageReference reference, ImageManifest manifest)
    {
        if (manifest.Config.MediaType is not (MediaTypes.Config or MediaTypes.DockerConfig))
        {
            string type = manifest.ArtifactType ?? manifest.Config.MediaType;
            throw new ContainerException(ContainerErrorKind.Unsupported, $"'{reference.Familiar}' is an artifact of type '{ByteText.Show(System.Text.Encoding.UTF8.GetBytes(type))}', not an image");
        }
    }
}

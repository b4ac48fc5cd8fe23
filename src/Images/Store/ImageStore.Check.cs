using System.Security.Cryptography;
using Rundlet.Images.Check;
using Rundlet.Images.Compression;
using Rundlet.Images.Layers;
using Rundlet.Images.Pull;
using Rundlet.Images.References;
using Rundlet.Images.Unpack;
using Rundlet.Linux;
using Rundlet.Oci;
using Rundlet.Syscalls;

namespace Rundlet.Images;

public sealed partial class ImageStore
{
    /// <summary>
    /// Verifies everything: each blob by its digest, each unpacked layer by holding it against its archive, file by file. Needs no space,
    /// unless a layer is unusual or differs: that one is unpacked once more, to say what differs.
    /// </summary>
    /// <param name="progress">Is told how far it is; null for nobody.</param>
    /// <param name="cancel">Ends it.</param>
    /// <exception cref="ContainerException"><see cref="ContainerErrorKind.Unavailable"/>: the disk is full.</exception>
    /// <exception cref="LinuxException">The kernel refused.</exception>
    public StoreReport Check(Action<CheckProgress>? progress = null, CancellationToken cancel = default)
    {
        CompleteRelations();
        List<NamedImage> images = [.. _database.List(), .. _database.ListUnnamed()];
        ILookup<Digest, string> blobUsers = images.SelectMany(image => _database.BlobsOf(image.Image.Manifest).Append(image.Target).Select(blob => (blob, Name: Called(image))))
            .Distinct().ToLookup(pair => pair.blob, pair => pair.Name);
        List<StoreProblem> problems = [];
        int blobs = CheckBlobs([.. Content.List(), .. blobUsers.Select(users => users.Key)], blobUsers, problems, progress, cancel);
        int layers = CheckLayers(images, problems, progress, cancel);
        return new StoreReport(blobs, layers, problems);
    }

    /// <summary>Takes away what a check found damaged, and brings it again: from a blob that is whole, or from the registry.</summary>
    /// <param name="report">What the check found.</param>
    /// <param name="isRunning">Whether a container by that name runs: the layers that it has mounted are left as they are.</param>
    /// <param name="open">The registry of a reference.</param>
    /// <param name="cancel">Ends it.</param>
    /// <param name="progress">Is told how what is fetched comes; null for nobody.</param>
    /// <returns>Problems that remain: of images that no registry has, or that are in use.</returns>
    public async Task<IReadOnlyList<StoreProblem>> RepairAsync(
        StoreReport report, Func<string, bool> isRunning, Func<ImageReference, IImageSource> open, CancellationToken cancel = default, IPullProgress? progress = null)
    {
        List<StoreProblem> left = [];
        List<NamedImage> images = [.. _database.List(), .. _database.ListUnnamed()];
        foreach (StoreProblem problem in report.Problems)
        {
            List<NamedImage> users = [.. images.Where(image => image.Target == problem.Subject || image.Image.Layers.Contains(problem.Subject) || _database.BlobsOf(image.Image.Manifest).Contains(problem.Subject))];
            string? running = users.SelectMany(image => _database.ContainersOf(image.Image.Manifest)).FirstOrDefault(isRunning);
            if (problem.Kind == StoreProblemKind.Layer && running is not null)
            {
                left.Add(problem with { Problem = $"{problem.Problem}; container '{running}' runs on it, stop that first" });
                continue;
            }
            if (problem.Kind == StoreProblemKind.Blob)
                Content.Delete(problem.Subject);
            else
                Layers.Delete(problem.Subject);
            if (users.Count > 0 && await Bring(users, open, progress, cancel).ConfigureAwait(false) is { } reason)
                left.Add(problem with { Problem = $"{problem.Problem}; {reason}" });
        }
        return left;
    }

    /// <summary>Null, or why an image could not be completed.</summary>
    private async Task<string?> Bring(List<NamedImage> users, Func<ImageReference, IImageSource> open, IPullProgress? progress, CancellationToken cancel)
    {
        string reason = "it has no name by which it could be fetched";
        foreach (NamedImage image in users.Where(image => image.Name is not null))
        {
            ImageReference reference = ImageReference.Parse(image.Name!);
            try
            {
                IImageSource source = open(reference);
                List<Digest> wanted = image.Target == image.Image.Manifest ? [image.Target] : [image.Target, image.Image.Manifest];
                List<(Descriptor, byte[])> documents = [];
                foreach (Digest document in wanted)
                    documents.Add(await Document(reference, document, source, cancel).ConfigureAwait(false));
                (await BringIn(reference, documents, source, new PullOptions { Progress = progress }, cancel).ConfigureAwait(false)).Dispose();
                return null;
            }
            catch (Exception error) when (error is ContainerException or LinuxException)
            {
                reason = $"cannot be fetched as '{reference.Familiar}': {error.Message}";
            }
        }
        return reason;
    }

    private async Task<(Descriptor, byte[])> Document(ImageReference reference, Digest digest, IImageSource source, CancellationToken cancel)
    {
        if (ProblemOfBlob(digest, cancel) is not null)
            return await source.GetDocumentAsync(reference.WithDigest(digest), cancel).ConfigureAwait(false);
        byte[] json = Content.ReadAll(digest, -1, ImageReader.MaxManifestBytes);
        string type = ReadDocument(() => ImageReader.DetectKind(json), $"document '{digest}'") == ManifestKind.Index ? MediaTypes.Index : MediaTypes.Manifest;
        return (new Descriptor { MediaType = type, Digest = digest, Size = json.Length }, json);
    }

    private int CheckBlobs(HashSet<Digest> blobs, ILookup<Digest, string> users, List<StoreProblem> problems, Action<CheckProgress>? progress, CancellationToken cancel)
    {
        var meter = new CheckMeter(StoreProblemKind.Blob, blobs.Sum(blob => Math.Max(0, Content.SizeOf(blob))), progress);
        foreach (Digest blob in blobs.OrderBy(blob => blob.Hex, StringComparer.Ordinal))
        {
            long size = Math.Max(0, Content.SizeOf(blob));
            if (ProblemOfBlob(blob, cancel, meter) is { } problem)
                problems.Add(new StoreProblem(StoreProblemKind.Blob, blob, problem, [.. users[blob]]));
            meter.Pass(size);
        }
        meter.End();
        return blobs.Count;
    }

    private string? ProblemOfBlob(Digest digest, CancellationToken cancel, CheckMeter? meter = null)
    {
        if (!Content.Has(digest))
            return "is missing";
        using Stream blob = meter is null ? Content.Open(digest) : meter.Count(Content.Open(digest));
        using var hash = IncrementalHash.CreateHash(digest.Algorithm == "sha512" ? HashAlgorithmName.SHA512 : HashAlgorithmName.SHA256);
        byte[] piece = new byte[256 << 10];
        for (int got; (got = blob.Read(piece)) > 0;)
        {
            cancel.ThrowIfCancellationRequested();
            hash.AppendData(piece, 0, got);
        }
        byte[] found = hash.GetHashAndReset();
        return Convert.ToHexStringLower(found) == digest.Hex ? null : "has other bytes than its digest says";
    }

    private int CheckLayers(List<NamedImage> images, List<StoreProblem> problems, Action<CheckProgress>? progress, CancellationToken cancel)
    {
        HashSet<Digest> damaged = [.. problems.Select(problem => problem.Subject)];
        Dictionary<Digest, LayerTask> layers = [];
        foreach (NamedImage image in images)
        {
            if (damaged.Contains(image.Image.Manifest) || damaged.Contains(image.Image.Id))
                continue; // said already, and nothing tells what the layers are
            Image documents = Read(image);
            foreach (LayerTask task in TasksOf(documents.Manifest, documents.Config))
            {
                if (Layers.Has(task.ChainId) && !damaged.Contains(task.Blob.Digest))
                    layers.TryAdd(task.ChainId, task);
            }
        }
        var meter = new CheckMeter(StoreProblemKind.Layer, layers.Values.Sum(task => task.Blob.Size), progress);
        foreach (LayerTask task in layers.Values)
        {
            if (!IsProved(task, meter, cancel) && ProblemOfLayer(task, cancel) is { } problem)
                problems.Add(new StoreProblem(StoreProblemKind.Layer, task.ChainId, problem, [.. images.Where(user => user.Image.Layers.Contains(task.ChainId)).Select(Called).Distinct()]));
            meter.Pass(task.Blob.Size);
        }
        meter.End();
        return layers.Count;
    }

    /// <summary>Whether a layer is just what its archive says; false leaves that open.</summary>
    private bool IsProved(LayerTask task, CheckMeter meter, CancellationToken cancel)
    {
        try
        {
            if (Layers.TryGet(task.ChainId) is not { } layer || layer.DiffId != task.DiffId)
                return false;
            using OwnedFd files = Layers.OpenFiles(task.ChainId);
            using Stream blob = meter.Count(Content.Open(task.Blob.Digest, task.Blob.Size));
            using var tar = new LayerStream(blob, null, long.MaxValue, cancel, task.DiffId.Algorithm);
            return LayerProof.Try(tar, files.Value, cancel) && tar.Complete() == task.DiffId;
        }
        catch (Exception error) when (error is ContainerException or LinuxException)
        {
            return false; // the comparison runs into the same, and says it
        }
    }

    private string? ProblemOfLayer(LayerTask task, CancellationToken cancel)
    {
        using LayerIngest again = Layers.Begin(); // never committed
        using Stream blob = Content.Open(task.Blob.Digest, task.Blob.Size);
        using var tar = new LayerStream(blob, null, long.MaxValue, cancel, task.DiffId.Algorithm);
        UnpackResult result = LayerUnpacker.Unpack(tar, again.Root.Value, UnpackLimits.Default, cancel);
        if (tar.Complete() != task.DiffId)
            return $"comes from an archive that is not '{task.DiffId}'";
        try
        {
            if (Layers.TryGet(task.ChainId) is not { } layer || layer.DiffId != task.DiffId)
                return "says that it is another one";
            using OwnedFd files = Layers.OpenFiles(task.ChainId);
            using OwnedFd readable = FileIo.Open(files.Value, ".", O.RDONLY | O.DIRECTORY);
            return new TreeComparison(cancel, result.Implied).Compare(again.Root.Value, readable.Value);
        }
        catch (ContainerException error)
        {
            return error.Message;
        }
        catch (LinuxException error) when (error.Errno is Errno.ENOENT or Errno.ENOTDIR or Errno.EIO)
        {
            return $"cannot be read: {error.Message}";
        }
    }

    private static string Called(NamedImage image) => image.Name is null ? image.Image.Id.ToString() : ImageReference.Parse(image.Name).Familiar;
}

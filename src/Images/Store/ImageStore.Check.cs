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
    /// Verifies everything: each blob by its digest, each unpacked layer by unpacking its archive once more beside it and comparing file by
    /// file. Reads all, and needs the space of the largest layer.
    /// </summary>
    /// <param name="cancel">Ends it.</param>
    /// <exception cref="ContainerException"><see cref="ContainerErrorKind.Unavailable"/>: the disk is full.</exception>
    /// <exception cref="LinuxException">The kernel refused.</exception>
    public StoreReport Check(CancellationToken cancel = default)
    {
        CompleteRelations();
        List<NamedImage> images = [.. _database.List(), .. _database.ListUnnamed()];
        ILookup<Digest, string> blobUsers = images.SelectMany(image => _database.BlobsOf(image.Image.Manifest).Append(image.Target).Select(blob => (blob, Name: Called(image))))
            .Distinct().ToLookup(pair => pair.blob, pair => pair.Name);
        HashSet<Digest> blobs = [.. Content.List(), .. blobUsers.Select(users => users.Key)];
        List<StoreProblem> problems = [];
        foreach (Digest blob in blobs.OrderBy(blob => blob.Hex, StringComparer.Ordinal))
        {
            if (ProblemOfBlob(blob, cancel) is { } problem)
                problems.Add(new StoreProblem(StoreProblemKind.Blob, blob, problem, [.. blobUsers[blob]]));
        }
        HashSet<Digest> damaged = [.. problems.Select(problem => problem.Subject)], seen = [];
        foreach (NamedImage image in images)
            CheckLayers(image, images, damaged, seen, problems, cancel);
        return new StoreReport(blobs.Count, seen.Count, problems);
    }

    /// <summary>Takes away what a check found damaged, and brings it again: from a blob that is whole, or from the registry.</summary>
    /// <param name="report">What the check found.</param>
    /// <param name="isRunning">Whether a container by that name runs: the layers that it has mounted are left as they are.</param>
    /// <param name="open">The registry of a reference.</param>
    /// <param name="cancel">Ends it.</param>
    /// <returns>Problems that remain: of images that no registry has, or that are in use.</returns>
    public async Task<IReadOnlyList<StoreProblem>> RepairAsync(StoreReport report, Func<string, bool> isRunning, Func<ImageReference, IImageSource> open, CancellationToken cancel = default)
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
            if (users.Count > 0 && await Bring(users, open, cancel).ConfigureAwait(false) is { } reason)
                left.Add(problem with { Problem = $"{problem.Problem}; {reason}" });
        }
        return left;
    }

    /// <summary>Null, or why an image could not be completed.</summary>
    private async Task<string?> Bring(List<NamedImage> users, Func<ImageReference, IImageSource> open, CancellationToken cancel)
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
                (await BringIn(reference, documents, source, new PullOptions(), cancel).ConfigureAwait(false)).Dispose();
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

    private string? ProblemOfBlob(Digest digest, CancellationToken cancel)
    {
        if (!Content.Has(digest))
            return "is missing";
        using Stream blob = Content.Open(digest);
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

    private void CheckLayers(NamedImage image, List<NamedImage> images, HashSet<Digest> damaged, HashSet<Digest> seen, List<StoreProblem> problems, CancellationToken cancel)
    {
        if (damaged.Contains(image.Image.Manifest) || damaged.Contains(image.Image.Id))
            return; // said already, and nothing tells what the layers are
        Image documents = Read(image);
        foreach (LayerTask task in TasksOf(documents.Manifest, documents.Config))
        {
            if (!Layers.Has(task.ChainId) || damaged.Contains(task.Blob.Digest) || !seen.Add(task.ChainId))
                continue;
            if (ProblemOfLayer(task, cancel) is { } problem)
                problems.Add(new StoreProblem(StoreProblemKind.Layer, task.ChainId, problem, [.. images.Where(user => user.Image.Layers.Contains(task.ChainId)).Select(Called).Distinct()]));
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

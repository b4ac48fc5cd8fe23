using Rundlet.Images.Content;
using Rundlet.Images.References;
using Rundlet.Images.Registry;
using Rundlet.Linux;
using Rundlet.Oci;

namespace Rundlet.Images.Push;

/// <summary>
/// Brings blobs to a repository, several at once. Each is sent only where nothing is cheaper: the registry has it, or takes it over from
/// another of its repositories.
/// </summary>
/// <param name="client">The registry.</param>
/// <param name="content">Where the blobs are.</param>
/// <param name="target">The repository.</param>
/// <param name="elsewhere">Repositories of the same registry that may have a blob.</param>
/// <param name="options">How many at once, and who is told.</param>
internal sealed class BlobBatch(
    RegistryClient client, ContentStore content, ImageReference target, IReadOnlyDictionary<Digest, string> elsewhere, PushOptions options)
{
    /// <summary>Brings them; the first failure ends all.</summary>
    /// <exception cref="ContainerException">The registry refuses one, or does not answer.</exception>
    /// <exception cref="OperationCanceledException">Canceled.</exception>
    public async Task RunAsync(IReadOnlyList<Descriptor> blobs, CancellationToken cancel)
    {
        using CancellationTokenSource failed = CancellationTokenSource.CreateLinkedTokenSource(cancel);
        using var places = new SemaphoreSlim(Math.Clamp(options.Parallel, 1, 64));
        ContainerException? first = null;
        async Task Bring(Descriptor blob)
        {
            Tell(blob, PushPhase.Waiting);
            await places.WaitAsync(failed.Token).ConfigureAwait(false);
            try
            {
                await BringAsync(blob, failed.Token).ConfigureAwait(false);
            }
            catch (ContainerException e)
            {
                // The others end because of this one: it is the one to tell.
                Interlocked.CompareExchange(ref first, e, null);
                await failed.CancelAsync().ConfigureAwait(false);
                throw;
            }
            finally
            {
                places.Release();
            }
        }
        try
        {
            await Task.WhenAll(blobs.Select(Bring)).ConfigureAwait(false);
        }
        catch (Exception e) when (first is not null && e != first)
        {
            throw first;
        }
    }

    private async Task BringAsync(Descriptor blob, CancellationToken cancel)
    {
        if (blob.Urls is { Count: > 0 } && blob.MediaType is MediaTypes.NondistributableLayer or MediaTypes.NondistributableLayerGzip
            or MediaTypes.NondistributableLayerZstd or MediaTypes.DockerForeignLayerGzip)
        {
            Tell(blob, PushPhase.Skipped);
        }
        else if (await client.BlobExistsAsync(target, blob.Digest, cancel).ConfigureAwait(false))
        {
            Tell(blob, PushPhase.Present);
        }
        else if (elsewhere.TryGetValue(blob.Digest, out string? other) && await client.TryMountAsync(target, blob.Digest, other, cancel).ConfigureAwait(false))
        {
            Tell(blob, PushPhase.Mounted);
        }
        else
        {
            await client.UploadBlobAsync(target, blob, () => content.Open(blob.Digest, blob.Size), sent => Tell(blob, PushPhase.Pushing, sent), cancel).ConfigureAwait(false);
            Tell(blob, PushPhase.Complete, blob.Size);
        }
    }

    private void Tell(Descriptor blob, PushPhase phase, long done = 0) => options.Progress?.Report(new BlobProgress(blob.Digest, phase, done, blob.Size));
}

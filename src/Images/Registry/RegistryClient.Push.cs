using System.Net;
using System.Net.Http.Headers;
using Rundlet.Images.References;
using Rundlet.Images.Registry.Auth;
using Rundlet.Images.Registry.Http;
using Rundlet.Linux;
using Rundlet.Oci;

namespace Rundlet.Images.Registry;

public sealed partial class RegistryClient
{
    /// <summary>Whether a registry has a blob in a repository.</summary>
    public Task<bool> BlobExistsAsync(ImageReference repository, Digest blob, CancellationToken cancel) =>
        BlockingTask.Run(() => BlobExists(HomeOf(repository), blob, cancel), cancel);

    /// <summary>Asks a registry to take a blob over from another of its repositories.</summary>
    /// <param name="repository">Where to.</param>
    /// <param name="blob">Which.</param>
    /// <param name="from">The other repository, a path in the same registry.</param>
    /// <param name="cancel">Ends it.</param>
    /// <returns>False where it does not: it lacks the blob there, or we may not read it.</returns>
    public Task<bool> TryMountAsync(ImageReference repository, Digest blob, string from, CancellationToken cancel) =>
        BlockingTask.Run(() => TryMount(HomeOf(repository), blob, from, cancel), cancel);

    /// <summary>Uploads a blob, whatever the registry has of it.</summary>
    /// <param name="repository">Where to.</param>
    /// <param name="blob">Digest and size; the registry checks them.</param>
    /// <param name="open">Opens the content at its beginning; asked again where the upload must begin anew. The stream can seek.</param>
    /// <param name="progress">Is told how many bytes are sent, on the uploading thread; may go back.</param>
    /// <param name="cancel">Ends it.</param>
    public Task UploadBlobAsync(ImageReference repository, Descriptor blob, Func<Stream> open, Action<long>? progress, CancellationToken cancel) =>
        BlockingTask.Run(() =>
        {
            new BlobUpload(_exchange, _options, HomeOf(repository), blob, open, progress, cancel).Run();
            return true;
        }, cancel);

    /// <summary>
    /// Stores a manifest or an index under its digest, or under the reference's tag where it has one; its blobs must be there. Where it has a
    /// subject and the registry does not look after referrers, the index of the tag scheme is kept as well.
    /// </summary>
    /// <param name="reference">Where to.</param>
    /// <param name="mediaType">Its type.</param>
    /// <param name="document">The document, at most 4 MiB.</param>
    /// <param name="cancel">Ends it.</param>
    /// <returns>Its digest.</returns>
    public Task<Digest> PutManifestAsync(ImageReference reference, string mediaType, byte[] document, CancellationToken cancel) =>
        BlockingTask.Run(() =>
        {
            RegistrySource source = HomeOf(reference);
            string algorithm = reference.Digest.IsEmpty ? "sha256" : reference.Digest.Algorithm;
            Digest digest = ContentDigest.Of(document, algorithm);
            if (!reference.Digest.IsEmpty && digest != reference.Digest)
                throw new ContainerException(ContainerErrorKind.InvalidArgument, $"manifest of '{reference.Familiar}' has the digest '{digest}'");
            bool keepsReferrers = PutManifest(source, reference.Tag ?? digest.ToString(), mediaType, document, digest, cancel);
            if (!keepsReferrers && Referrer.TryRead(document, mediaType, digest) is { } referrer)
                AddToFallback(reference, referrer, cancel);
            return digest;
        }, cancel);

    /// <summary>Removes a manifest by its digest, or the tag where the reference has no digest; a registry need not allow it.</summary>
    /// <exception cref="ContainerException">As for all methods; Unsupported: the registry does not do this.</exception>
    public Task DeleteManifestAsync(ImageReference reference, CancellationToken cancel) =>
        Delete(reference, $"manifests/{(reference.Digest.IsEmpty ? reference.Tag : reference.Digest.ToString())}", SubjectOf(reference), cancel);

    /// <summary>Removes a blob from a repository; a registry need not allow it.</summary>
    /// <inheritdoc cref="DeleteManifestAsync"/>
    public Task DeleteBlobAsync(ImageReference repository, Digest blob, CancellationToken cancel) =>
        Delete(repository, $"blobs/{blob}", $"blob '{blob}'", cancel);

    private Task Delete(ImageReference reference, string what, string subject, CancellationToken cancel) =>
        BlockingTask.Run(() =>
        {
            RegistrySource source = HomeOf(reference);
            HttpCall call = source.Endpoint.Call(HttpMethod.Delete, $"{source.Repository}/{what}", source.Repository, TokenScope.Delete(source.Repository), cancel);
            using HttpResponseMessage answer = _exchange.Send(call, cancel);
            if (answer.StatusCode is HttpStatusCode.Accepted or HttpStatusCode.OK or HttpStatusCode.NoContent)
                return true;
            string complaint = ResponseBody.Complaint(answer);
            if (answer.StatusCode == HttpStatusCode.BadRequest && complaint.StartsWith(": UNSUPPORTED", StringComparison.Ordinal))
                throw new ContainerException(ContainerErrorKind.Unsupported, $"registry '{source.Endpoint.Name}' does not delete {subject}{complaint}");
            throw RegistryRefusal.Of(answer, complaint, source, subject, _options);
        }, cancel);

    private bool BlobExists(RegistrySource source, Digest blob, CancellationToken cancel)
    {
        HttpCall call = source.Endpoint.Call(HttpMethod.Head, $"{source.Repository}/blobs/{blob}", source.Repository, TokenScope.Push(source.Repository), cancel);
        using HttpResponseMessage answer = _exchange.Send(call, cancel);
        return answer.StatusCode switch
        {
            HttpStatusCode.OK => true,
            HttpStatusCode.NotFound => false,
            _ => throw RegistryRefusal.Of(answer, source, $"blob '{blob}'", _options),
        };
    }

    private bool TryMount(RegistrySource source, Digest blob, string from, CancellationToken cancel)
    {
        string path = $"{source.Repository}/blobs/uploads/?mount={Uri.EscapeDataString(blob.ToString())}&from={Uri.EscapeDataString(from)}";
        string scope = $"{TokenScope.Push(source.Repository)} {TokenScope.Pull(from)}";
        HttpCall call = source.Endpoint.Call(HttpMethod.Post, path, source.Repository, scope, cancel);
        using HttpResponseMessage answer = _exchange.Send(call, cancel);
        if (answer.StatusCode == HttpStatusCode.Created)
            return true;
        // It began an upload instead, which nobody will end.
        if (answer.StatusCode == HttpStatusCode.Accepted && answer.Headers.Location is { } session)
            BlobUpload.Abandon(_exchange, source, session.IsAbsoluteUri ? session : new Uri(call.Address, session));
        return false; // refused or not: the blob itself can be sent
    }

    private bool PutManifest(RegistrySource source, string target, string mediaType, byte[] document, Digest digest, CancellationToken cancel)
    {
        HttpCall call = source.Endpoint.Call(HttpMethod.Put, $"{source.Repository}/manifests/{target}", source.Repository, TokenScope.Push(source.Repository), cancel) with
        {
            Prepare = request =>
            {
                request.Content = new ByteArrayContent(document);
                request.Content.Headers.ContentType = new MediaTypeHeaderValue(mediaType);
            },
        };
        using HttpResponseMessage answer = _exchange.Send(call, cancel);
        if (answer.StatusCode is not (HttpStatusCode.Created or HttpStatusCode.OK or HttpStatusCode.Accepted))
            throw RegistryRefusal.Of(answer, source, $"manifest '{digest}'", _options);
        Digest stored = DigestOf(answer);
        if (!stored.IsEmpty && stored.Algorithm == digest.Algorithm && stored != digest)
            throw new ContainerException(ContainerErrorKind.Unavailable, $"registry '{source.Endpoint.Name}' stored something else than manifest '{digest}': '{stored}'");
        return answer.Headers.NonValidated.Contains("OCI-Subject");
    }
}

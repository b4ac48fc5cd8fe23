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
    private const string DigestField = "Docker-Content-Digest", SchemaOne = "application/vnd.docker.distribution.manifest.v1+";
    private static readonly string s_accepted = string.Join(", ", MediaTypes.Index, MediaTypes.Manifest, MediaTypes.DockerManifestList, MediaTypes.DockerManifest);

    /// <summary>Fetches a manifest or an index by its digest, else by its tag, and verifies it against the digest and what the registry says of it.</summary>
    /// <exception cref="ContainerException">As for all methods; Unsupported: it is of Docker's schema 1.</exception>
    public Task<RemoteDocument> GetManifestAsync(ImageReference reference, CancellationToken cancel) =>
        BlockingTask.Run(() => FromAny(reference, source => GetManifest(source, reference, cancel))!, cancel);

    /// <summary>Asks for digest, size and type of a manifest or an index; null where there is none.</summary>
    /// <inheritdoc cref="GetManifestAsync"/>
    public Task<RemoteDocument?> HeadManifestAsync(ImageReference reference, CancellationToken cancel) =>
        BlockingTask.Run(() => FromAny(reference, source => HeadManifest(source, reference, cancel)), cancel);

    private RemoteDocument GetManifest(RegistrySource source, ImageReference reference, CancellationToken cancel)
    {
        using HttpResponseMessage answer = _exchange.Send(ManifestCall(HttpMethod.Get, source, reference, cancel), ImageReader.MaxManifestBytes, out byte[] body, cancel);
        if (answer.StatusCode != HttpStatusCode.OK)
            throw RegistryRefusal.Of(answer, ResponseBody.Complaint(body), source, SubjectOf(reference), _options);

        Digest digest = Verify(body, reference, DigestOf(answer), source);
        string? declared = answer.Content.Headers.ContentType?.MediaType;
        if (declared?.StartsWith(SchemaOne, StringComparison.OrdinalIgnoreCase) == true)
            throw SchemaOneRefused(reference);
        if (!MediaTypes.IsManifest(declared) && !MediaTypes.IsIndex(declared))
            declared = null; // some name it text/plain; the document tells itself
        return new RemoteDocument { MediaType = TypeOf(body, declared, reference), Digest = digest, Size = body.Length, Bytes = body };
    }

    private RemoteDocument? HeadManifest(RegistrySource source, ImageReference reference, CancellationToken cancel)
    {
        using HttpResponseMessage answer = _exchange.Send(ManifestCall(HttpMethod.Head, source, reference, cancel), cancel);
        if (answer.StatusCode == HttpStatusCode.NotFound)
            return null;
        Digest digest = DigestOf(answer);
        string? type = answer.Content.Headers.ContentType?.MediaType;
        bool isWhole = answer.StatusCode == HttpStatusCode.OK && !digest.IsEmpty && answer.Content.Headers.ContentLength is >= 0
            && (MediaTypes.IsManifest(type) || MediaTypes.IsIndex(type));
        if (!isWhole)
            return TryGetManifest(source, reference, keep: false, cancel);
        if (!reference.Digest.IsEmpty && digest != reference.Digest && digest.Algorithm == reference.Digest.Algorithm)
            throw WrongDigest(reference, digest, source);
        return new RemoteDocument { MediaType = type!, Digest = reference.Digest.IsEmpty ? digest : reference.Digest, Size = answer.Content.Headers.ContentLength!.Value };
    }

    // A registry whose HEAD says less than it may, or nothing: the document itself tells.
    private RemoteDocument? TryGetManifest(RegistrySource source, ImageReference reference, bool keep, CancellationToken cancel)
    {
        try
        {
            RemoteDocument document = GetManifest(source, reference, cancel);
            return keep ? document : document with { Bytes = [] };
        }
        catch (ContainerException e) when (e.Kind == ContainerErrorKind.NotFound)
        {
            return null;
        }
    }

    private static HttpCall ManifestCall(HttpMethod method, RegistrySource source, ImageReference reference, CancellationToken cancel)
    {
        string target = reference.Digest.IsEmpty ? reference.Tag! : reference.Digest.ToString();
        return source.Endpoint.Call(method, $"{source.Repository}/manifests/{target}", source.Repository, TokenScope.Pull(source.Repository), cancel) with
        {
            Prepare = request => request.Headers.TryAddWithoutValidation("Accept", s_accepted),
        };
    }

    // The digest that was asked for is what counts; without one, that which the registry names, if it names one that we know.
    private static Digest Verify(byte[] body, ImageReference reference, Digest named, RegistrySource source)
    {
        Digest expected = reference.Digest.IsEmpty ? named : reference.Digest;
        if (expected.IsEmpty)
            return Digest.Of(body);
        Digest found = ContentDigest.Of(body, expected.Algorithm);
        return found == expected ? found : throw WrongDigest(reference, found, source);
    }

    private static string TypeOf(byte[] body, string? declared, ImageReference reference)
    {
        try
        {
            ManifestKind kind = ImageReader.DetectKind(body, declared);
            return declared ?? (kind == ManifestKind.Index ? ImageReader.ReadIndex(body).MediaType ?? MediaTypes.Index : ImageReader.ReadManifest(body).MediaType ?? MediaTypes.Manifest);
        }
        catch (SpecFormatException e)
        {
            if (ContentDigest.IsSchemaOne(body))
                throw SchemaOneRefused(reference);
            throw new ContainerException(ContainerErrorKind.InvalidArgument, $"image '{reference.Familiar}' is malformed", e);
        }
    }

    private static Digest DigestOf(HttpResponseMessage answer) =>
        answer.Headers.NonValidated.TryGetValues(DigestField, out HeaderStringValues values) && Digest.TryParse(values.ToString(), out Digest digest) ? digest : default;

    private static string SubjectOf(ImageReference reference) => reference.Digest.IsEmpty ? $"tag '{reference.Tag}'" : $"manifest '{reference.Digest}'";

    private static ContainerException WrongDigest(ImageReference reference, Digest found, RegistrySource source) =>
        new(ContainerErrorKind.Unavailable, $"registry '{source.Endpoint.Name}' sends something else for '{reference.Familiar}': it has the digest '{found}'")
        {
            Hint = "the registry, or something on the way to it, is damaged or lies; nothing was kept",
        };

    private static ContainerException SchemaOneRefused(ImageReference reference) =>
        new(ContainerErrorKind.Unsupported, $"image '{reference.Familiar}' is of Docker's schema 1, which cannot be verified and is refused")
        {
            Hint = "whoever publishes it must push it again with a program of this decade",
        };
}

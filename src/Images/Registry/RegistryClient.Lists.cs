using System.Net;
using System.Net.Http.Headers;
using System.Text.Json;
using Rundlet.Images.References;
using Rundlet.Images.Registry.Auth;
using Rundlet.Images.Registry.Http;
using Rundlet.Linux;
using Rundlet.Oci;

namespace Rundlet.Images.Registry;

public sealed partial class RegistryClient
{
    private const int MostPages = 10_000, MostItems = 1_000_000, PageSize = 1000;

    /// <summary>All tags of a repository, page by page, in the registry's order.</summary>
    public Task<IReadOnlyList<string>> ListTagsAsync(ImageReference repository, CancellationToken cancel) =>
        BlockingTask.Run(() => FromAny<IReadOnlyList<string>>(repository, source =>
        {
            List<string> tags = [];
            foreach (byte[] page in Pages(source, $"tags/list?n={PageSize}", "tags", null, cancel) ?? [])
                ReadTags(page, source, tags);
            return tags;
        })!, cancel);

    /// <summary>
    /// The manifests that are about another: by the API of distribution-spec 1.1, or where the registry lacks it by the tag scheme.
    /// </summary>
    /// <param name="repository">Where.</param>
    /// <param name="subject">What they are about.</param>
    /// <param name="artifactType">Only of this type; null for all.</param>
    /// <param name="cancel">Ends it.</param>
    public Task<IReadOnlyList<Descriptor>> ReferrersAsync(ImageReference repository, Digest subject, string? artifactType, CancellationToken cancel) =>
        BlockingTask.Run(() => FromAny<IReadOnlyList<Descriptor>>(repository, source => Referrers(source, repository, subject, artifactType, cancel))!, cancel);

    private IReadOnlyList<Descriptor> Referrers(RegistrySource source, ImageReference repository, Digest subject, string? artifactType, CancellationToken cancel)
    {
        string filter = artifactType is null ? "" : $"?artifactType={Uri.EscapeDataString(artifactType)}";
        List<Descriptor> found = [];
        if (Pages(source, $"referrers/{subject}{filter}", $"referrers of '{subject}'", MediaTypes.Index, cancel) is { } pages)
        {
            foreach (byte[] page in pages)
            {
                found.AddRange(ReadReferrers(page, source));
                if (found.Count > MostItems)
                    throw TooMuch(source, "referrers");
            }
        }
        else if (TryGetManifest(source, FallbackOf(repository, subject), keep: true, cancel) is { } index && MediaTypes.IsIndex(index.MediaType))
        {
            found.AddRange(ReadReferrers(index.Bytes, source));
        }
        // Whether the registry filtered or not, it costs nothing to look.
        return artifactType is null ? found : found.FindAll(referrer => referrer.ArtifactType == artifactType);
    }

    // Reads, adds, writes: the specification has no way to do this at once, so that of two at the same time one may be lost.
    private void AddToFallback(ImageReference repository, Referrer referrer, CancellationToken cancel)
    {
        RegistrySource source = HomeOf(repository);
        ImageReference fallback = FallbackOf(repository, referrer.Subject.Digest);
        var index = new ImageIndex { SchemaVersion = 2, MediaType = MediaTypes.Index, Manifests = [] };
        if (TryGetManifest(source, fallback, keep: true, cancel) is { } present && MediaTypes.IsIndex(present.MediaType))
            index = ImageReader.ReadIndex(present.Bytes);
        if (index.Manifests.Exists(manifest => manifest.Digest == referrer.Listed.Digest))
            return;
        index.Manifests.Add(referrer.Listed);
        byte[] document = ImageWriter.ToBytes(index);
        PutManifest(source, fallback.Tag!, MediaTypes.Index, document, Digest.Of(document), cancel);
    }

    /// <summary>distribution-spec, "Referrers Tag Schema": the digest with a dash, shortened to what a tag may be.</summary>
    private static ImageReference FallbackOf(ImageReference repository, Digest subject) =>
        ImageReference.Parse($"{repository.Registry}/{repository.Repository}:{subject.Algorithm}-{subject.Hex[..Math.Min(subject.Hex.Length, 64)]}");

    /// <summary>The pages of a list, each as it is asked for; null where the registry does not know it.</summary>
    private IEnumerable<byte[]>? Pages(RegistrySource source, string path, string subject, string? accept, CancellationToken cancel)
    {
        HttpCall first = source.Endpoint.Call(HttpMethod.Get, $"{source.Repository}/{path}", source.Repository, TokenScope.Pull(source.Repository), cancel) with
        {
            Prepare = request => request.Headers.TryAddWithoutValidation("Accept", accept ?? "application/json"),
        };
        HttpResponseMessage answer = _exchange.Send(first, ImageReader.MaxManifestBytes, out byte[] body, cancel);
        bool isUnknown = accept is not null && (answer.StatusCode is HttpStatusCode.NotFound or HttpStatusCode.MethodNotAllowed
            || (answer.StatusCode == HttpStatusCode.OK && answer.Content.Headers.ContentType?.MediaType != accept));
        if (!isUnknown)
            return Follow(first, answer, body);
        answer.Dispose();
        return null;

        IEnumerable<byte[]> Follow(HttpCall call, HttpResponseMessage answer, byte[] body)
        {
            HashSet<Uri> seen = [call.Address];
            while (true)
            {
                Uri? next;
                using (answer)
                {
                    if (answer.StatusCode != HttpStatusCode.OK)
                        throw RegistryRefusal.Of(answer, ResponseBody.Complaint(body), source, subject, _options);
                    next = NextPage(answer, call.Address);
                }
                yield return body;
                if (next is null)
                    yield break;
                if (next.Authority != call.Address.Authority || next.Scheme != call.Address.Scheme || !seen.Add(next) || seen.Count > MostPages)
                    throw new ContainerException(ContainerErrorKind.Unavailable, $"registry '{source.Endpoint.Name}' leads astray: the next page of {subject} is '{next.GetLeftPart(UriPartial.Query)}'");
                call = call with { Address = next };
                answer = _exchange.Send(call, ImageReader.MaxManifestBytes, out body, cancel);
            }
        }
    }

    // RFC 8288: <URL>; rel="next"
    private static Uri? NextPage(HttpResponseMessage answer, Uri at)
    {
        if (!answer.Headers.NonValidated.TryGetValues("Link", out HeaderStringValues links))
            return null;
        foreach (string link in links)
        {
            int begin = link.IndexOf('<'), end = link.IndexOf('>');
            bool isNext = begin >= 0 && end > begin && link[end..].Replace(" ", "", StringComparison.Ordinal).Replace("\"", "", StringComparison.Ordinal).Contains("rel=next", StringComparison.OrdinalIgnoreCase);
            if (isNext && Uri.TryCreate(at, link[(begin + 1)..end], out Uri? next))
                return next;
        }
        return null;
    }

    private static void ReadTags(byte[] page, RegistrySource source, List<string> tags)
    {
        try
        {
            using JsonDocument document = JsonDocument.Parse(page);
            JsonElement list = document.RootElement.GetProperty("tags");
            if (list.ValueKind == JsonValueKind.Null)
                return; // a repository whose tags are all gone
            foreach (JsonElement tag in list.EnumerateArray())
            {
                if (!ImageReference.IsTag(tag.GetString()))
                    throw new FormatException();
                tags.Add(tag.GetString()!);
            }
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException or KeyNotFoundException or FormatException)
        {
            throw new ContainerException(ContainerErrorKind.Unavailable, $"registry '{source.Endpoint.Name}' gives no list of tags for '{source.Repository}'");
        }
        if (tags.Count > MostItems)
            throw TooMuch(source, "tags");
    }

    private static List<Descriptor> ReadReferrers(byte[] page, RegistrySource source)
    {
        try
        {
            return ImageReader.ReadIndex(page).Manifests;
        }
        catch (SpecFormatException e)
        {
            throw new ContainerException(ContainerErrorKind.Unavailable, $"registry '{source.Endpoint.Name}' gives no list of referrers for '{source.Repository}'", e);
        }
    }

    private static ContainerException TooMuch(RegistrySource source, string what) =>
        new(ContainerErrorKind.Unavailable, $"registry '{source.Endpoint.Name}' lists more than {MostItems} {what} for '{source.Repository}'");
}

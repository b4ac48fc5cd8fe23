using System.Globalization;
using System.Net;
using System.Net.Http.Headers;
using Rundlet.Images.Registry.Auth;
using Rundlet.Images.Registry.Http;
using Rundlet.Linux;
using Rundlet.Oci;

namespace Rundlet.Images.Registry;

/// <summary>
/// One blob on its way to a registry (distribution-spec, "Pushing a blob"):
/// <code>
/// POST uploads/ ─► 202 Location ─► PUT Location?digest=…, with the blob          small ones
///        ▲                 └─────► PATCH Location, a piece ─► … ─► PUT ?digest=…  large ones
///        │                             │ broken off
///        └── the session is gone ◄── GET Location ─► Range: the next piece begins there
/// </code>
/// </summary>
internal sealed class BlobUpload(
    HttpExchange exchange, RegistryOptions options, RegistrySource source, Descriptor blob, Func<Stream> open, Action<long>? progress, CancellationToken cancel)
{
    private const string LeastChunk = "OCI-Chunk-Min-Length";

    private readonly Backoff _backoff = new(options);
    private readonly string _scope = TokenScope.Push(source.Repository);
    private Uri? _session;
    private long _offset, _chunk;

    /// <summary>Uploads it.</summary>
    /// <exception cref="ContainerException">The registry refuses it, or does not answer.</exception>
    /// <exception cref="OperationCanceledException">Canceled.</exception>
    public void Run()
    {
        using Stream content = open();
        while (true)
        {
            HttpCall? call = null;
            try
            {
                if (_session is null)
                    Begin();
                bool isLast = blob.Size - _offset <= _chunk || blob.Size < options.ChunkedFrom;
                call = isLast && _offset == 0 ? PutCall(content) : _offset < blob.Size ? PatchCall(content) : PutCall(null);
                using HttpResponseMessage answer = exchange.Send(call, cancel);
                if (answer.StatusCode == HttpStatusCode.Created)
                    return;
                Advance(answer, call);
            }
            catch (Exception e) when (call is not null && TransportError.Is(e))
            {
                cancel.ThrowIfCancellationRequested();
                if (!_backoff.Wait(null, cancel))
                    throw new ContainerException(ContainerErrorKind.Unavailable, $"upload of blob '{blob.Digest}'", exchange.Explain(e, call));
                Resume();
            }
        }
    }

    /// <summary>Tells the registry that nobody will end an upload.</summary>
    public static void Abandon(HttpExchange exchange, RegistrySource source, Uri session)
    {
        try
        {
            HttpCall call = source.Endpoint.CallTo(HttpMethod.Delete, session, source.Repository, TokenScope.Push(source.Repository), CancellationToken.None);
            exchange.Send(call, CancellationToken.None).Dispose();
        }
        catch (ContainerException)
        {
            // the registry removes old ones by itself
        }
    }

    private void Begin()
    {
        HttpCall call = source.Endpoint.Call(HttpMethod.Post, $"{source.Repository}/blobs/uploads/", source.Repository, _scope, cancel);
        using HttpResponseMessage answer = exchange.Send(call, cancel);
        if (answer.StatusCode != HttpStatusCode.Accepted)
            throw RegistryRefusal.Of(answer, source, "place for uploads", options);
        Follow(answer, call);
        if (_session is null)
            throw new ContainerException(ContainerErrorKind.Unavailable, $"registry '{source.Endpoint.Name}' does not say where to upload to");
        _offset = 0;
        _chunk = options.ChunkSize;
        if (answer.Headers.NonValidated.TryGetValues(LeastChunk, out HeaderStringValues values) && long.TryParse(values.ToString(), NumberStyles.None, CultureInfo.InvariantCulture, out long least))
            _chunk = Math.Max(_chunk, least);
    }

    private HttpCall PutCall(Stream? content) => Call(HttpMethod.Put, WithDigest(_session!), request =>
    {
        request.Content = content is null ? new ByteArrayContent([]) : new UploadContent(content, 0, blob.Size, progress);
        request.Content.Headers.ContentType = new MediaTypeHeaderValue("application/octet-stream");
    });

    private HttpCall PatchCall(Stream content)
    {
        (long begin, long length) = (_offset, Math.Min(_chunk, blob.Size - _offset));
        return Call(HttpMethod.Patch, _session!, request =>
        {
            request.Content = new UploadContent(content, begin, length, progress);
            request.Content.Headers.ContentType = new MediaTypeHeaderValue("application/octet-stream");
            // Without the unit that RFC 9110 has: the specification's own form.
            request.Content.Headers.TryAddWithoutValidation("Content-Range", string.Create(CultureInfo.InvariantCulture, $"{begin}-{begin + length - 1}"));
        });
    }

    private HttpCall Call(HttpMethod method, Uri address, Action<HttpRequestMessage>? prepare) =>
        source.Endpoint.CallTo(method, address, source.Repository, _scope, cancel) with { Prepare = prepare, MayRepeat = false, IsPatient = true };

    /// <summary>After an answer that is not the end.</summary>
    private void Advance(HttpResponseMessage answer, HttpCall call)
    {
        switch (answer.StatusCode)
        {
            case HttpStatusCode.Accepted when call.Method == HttpMethod.Patch:
                long sent = Math.Min(_offset + _chunk, blob.Size);
                long kept = Kept(answer) ?? sent;
                if (kept <= _offset || kept > sent)
                    throw new ContainerException(ContainerErrorKind.Unavailable, $"registry '{source.Endpoint.Name}' kept {kept} bytes of blob '{blob.Digest}' after {sent} were sent");
                _offset = kept;
                _backoff.Reset();
                Follow(answer, call);
                break;
            case HttpStatusCode.RequestedRangeNotSatisfiable or HttpStatusCode.NotFound or HttpStatusCode.RequestTimeout:
            case var status when HttpExchange.IsBusy(status):
                ContainerException refusal = RegistryRefusal.Of(answer, source, $"upload of blob '{blob.Digest}'", options);
                if (!_backoff.Wait(Backoff.Asked(answer, options.Time), cancel))
                    throw refusal;
                Resume();
                break;
            default:
                throw RegistryRefusal.Of(answer, source, $"blob '{blob.Digest}'", options);
        }
    }

    /// <summary>Asks where to go on; where the registry does not know, the upload begins anew.</summary>
    private void Resume()
    {
        Uri? session = _session;
        _session = null;
        if (session is null || _offset == 0 && blob.Size < options.ChunkedFrom)
            return;
        HttpCall call = source.Endpoint.CallTo(HttpMethod.Get, session, source.Repository, _scope, cancel) with { IsPatient = true };
        using HttpResponseMessage answer = exchange.Send(call, cancel);
        if (answer.StatusCode != HttpStatusCode.NoContent || Kept(answer) is not { } kept || kept > blob.Size)
            return;
        _session = session;
        _offset = kept;
        Follow(answer, call);
    }

    private void Follow(HttpResponseMessage answer, HttpCall call)
    {
        if (answer.Headers.Location is { } location)
            _session = location.IsAbsoluteUri ? location : new Uri(call.Address, location);
    }

    /// <summary>How many bytes the registry has: <c>Range: 0-99</c> is 100; <c>0-0</c> is none, for nobody sends one byte alone.</summary>
    private static long? Kept(HttpResponseMessage answer)
    {
        if (!answer.Headers.NonValidated.TryGetValues("Range", out HeaderStringValues values))
            return null;
        string text = values.ToString();
        int dash = text.IndexOf('-');
        string first = dash < 0 ? "" : text[..dash].Replace("bytes=", "", StringComparison.Ordinal);
        return first == "0" && long.TryParse(text.AsSpan(dash + 1), NumberStyles.None, CultureInfo.InvariantCulture, out long last) && last < long.MaxValue ? (last == 0 ? 0 : last + 1) : null;
    }

    private Uri WithDigest(Uri session) =>
        new($"{session.OriginalString}{(session.Query.Length > 0 ? "&" : "?")}digest={Uri.EscapeDataString(blob.Digest.ToString())}");
}

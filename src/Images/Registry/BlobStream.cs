using System.Globalization;
using System.Net;
using System.Net.Http.Headers;
using Rundlet.Images.Registry.Auth;
using Rundlet.Images.Registry.Http;
using Rundlet.Linux;
using Rundlet.Oci;

namespace Rundlet.Images.Registry;

/// <summary>
/// A blob as one stream, however often its connection drops:
/// <code>
/// closed ──open (Range: bytes=POSITION-)──► open ──read──► … ──► end, at the blob's size
///   ▲                                         │
///   └── wait; failures without progress count ┴── broken off, stalled
/// </code>
/// When one source has failed often enough, the next one goes on at the same position: the digest is the same everywhere.
/// </summary>
internal sealed class BlobStream(HttpExchange exchange, HostPool pool, List<RegistrySource> sources, Descriptor blob, CancellationToken cancel) : Stream
{
    private const int Progress = 64 << 10; // bytes that make a failure forgotten
    private const int SkipBuffer = 64 << 10;

    private readonly Backoff _backoff = new(pool.Options);
    private CancellationTokenRegistration _abort;
    private volatile HttpResponseMessage? _answer;
    private Stream? _body;
    private HttpCall? _call;
    private long _position, _failedAt;
    private int _source;
    private bool _checked;

    public override bool CanRead => true;

    public override bool CanSeek => false;

    public override bool CanWrite => false;

    public override long Length => throw new NotSupportedException();

    public override long Position
    {
        get => _position;
        set => throw new NotSupportedException();
    }

    /// <summary>Opens the stream.</summary>
    /// <param name="offset">Where to begin, in bytes.</param>
    /// <returns>Where it begins: there, or at 0.</returns>
    /// <exception cref="ContainerException">No source has it.</exception>
    public long Begin(long offset)
    {
        // Whoever reads is blocked in the socket: closing it is what wakes them.
        _abort = cancel.UnsafeRegister(static stream => ((BlobStream)stream!)._answer?.Dispose(), this);
        _position = _failedAt = offset;
        if (offset < blob.Size)
            _position = _failedAt = OpenAny(offset);
        return _position;
    }

    public override int Read(byte[] buffer, int offset, int count) => Read(buffer.AsSpan(offset, count));

    public override int Read(Span<byte> buffer)
    {
        if (buffer.IsEmpty)
            return 0;
        if (_position == blob.Size)
            return CheckEnd();
        buffer = buffer[..(int)Math.Min(buffer.Length, blob.Size - _position)];
        while (true)
        {
            Exception? failure = null;
            try
            {
                int got = Body().Read(buffer);
                _position += got;
                if (got > 0)
                    return got;
            }
            catch (Exception e) when (TransportError.Is(e))
            {
                failure = e;
            }
            cancel.ThrowIfCancellationRequested();
            Drop();
            Recover(failure ?? new HttpIOException(HttpRequestError.ResponseEnded));
        }
    }

    public override void Flush()
    {
    }

    public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

    public override void SetLength(long value) => throw new NotSupportedException();

    public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();

    protected override void Dispose(bool disposing)
    {
        _abort.Dispose();
        Drop();
        base.Dispose(disposing);
    }

    private Stream Body()
    {
        if (_body is not null)
            return _body;
        long start = OpenAny(_position);
        Skip(_body!, _position - start);
        return _body!;
    }

    // A registry that cannot begin in the middle sends again what we have.
    private static void Skip(Stream body, long bytes)
    {
        byte[] buffer = new byte[Math.Min(bytes, SkipBuffer)];
        while (bytes > 0)
        {
            int got = body.Read(buffer.AsSpan(0, (int)Math.Min(bytes, buffer.Length)));
            if (got == 0)
                throw new HttpIOException(HttpRequestError.ResponseEnded);
            bytes -= got;
        }
    }

    private void Recover(Exception failure)
    {
        if (_position - _failedAt >= Progress)
            _backoff.Reset();
        _failedAt = _position;
        if (_backoff.Wait(null, cancel))
            return;
        if (_source == sources.Count - 1)
            throw new ContainerException(ContainerErrorKind.Unavailable, $"download of blob '{blob.Digest}' ended at byte {_position} of {blob.Size}", exchange.Explain(failure, _call!));
        sources[_source++].Endpoint.IsDown = true;
        _backoff.Reset();
    }

    private long OpenAny(long offset)
    {
        while (true)
        {
            try
            {
                return Open(sources[_source], offset);
            }
            catch (ContainerException e) when (_source < sources.Count - 1)
            {
                sources[_source++].Endpoint.IsDown = e.Kind == ContainerErrorKind.Unavailable; // the next one may be better
            }
        }
    }

    private long Open(RegistrySource source, long offset)
    {
        _call = source.Endpoint.Call(HttpMethod.Get, $"{source.Repository}/blobs/{blob.Digest}", source.Repository, TokenScope.Pull(source.Repository), cancel) with
        {
            Prepare = request =>
            {
                if (offset > 0)
                    request.Headers.TryAddWithoutValidation("Range", string.Create(CultureInfo.InvariantCulture, $"bytes={offset}-"));
            },
            IsPatient = _call is not null,
        };
        HttpResponseMessage answer = exchange.Send(_call, cancel);
        try
        {
            long start = Start(answer, source, offset);
            _body = answer.Content.ReadAsStream(cancel);
            _answer = answer;
            cancel.ThrowIfCancellationRequested(); // it may have come before there was something to close
            return start;
        }
        catch
        {
            answer.Dispose();
            throw;
        }
    }

    /// <summary>Where the body begins, after checking that it is the blob's: RFC 9110, 14.4 and 15.3.7.</summary>
    private long Start(HttpResponseMessage answer, RegistrySource source, long offset)
    {
        long? length = answer.Content.Headers.ContentLength;
        switch (answer.StatusCode)
        {
            case HttpStatusCode.OK when (length ?? blob.Size) == blob.Size:
                return 0;
            case HttpStatusCode.OK:
                throw WrongLength(source, $"{length}");
            case HttpStatusCode.RequestedRangeNotSatisfiable:
                throw WrongLength(source, $"less than {offset}");
            case HttpStatusCode.PartialContent:
                ContentRangeHeaderValue? range = answer.Content.Headers.ContentRange;
                if (range?.Unit == "bytes" && range.HasLength && range.Length != blob.Size)
                    throw WrongLength(source, $"{range.Length}");
                bool isOurs = range is { Unit: "bytes", HasRange: true } && range.From == offset && range.To < blob.Size && (length ?? range.To - range.From + 1) == range.To - range.From + 1;
                if (!isOurs)
                    throw new ContainerException(ContainerErrorKind.Unavailable, $"registry '{source.Endpoint.Name}' sends another part of blob '{blob.Digest}' than it was asked for");
                return offset;
            default:
                throw RegistryRefusal.Of(answer, source, $"blob '{blob.Digest}'", pool.Options);
        }
    }

    // With a length in the answer it was compared; without, what follows the last byte would be too much.
    private int CheckEnd()
    {
        if (_checked || _body is null)
            return 0;
        _checked = true;
        Span<byte> more = stackalloc byte[1];
        int got = 0;
        try
        {
            got = _body.Read(more);
        }
        catch (Exception e) when (TransportError.Is(e))
        {
            cancel.ThrowIfCancellationRequested(); // else the blob is whole, and the connection of no more use
        }
        return got == 0 ? 0 : throw WrongLength(sources[_source], $"more than {blob.Size}");
    }

    private ContainerException WrongLength(RegistrySource source, string bytes) =>
        new(ContainerErrorKind.Unavailable, $"blob '{blob.Digest}' of registry '{source.Endpoint.Name}' has {bytes} bytes, its manifest says {blob.Size}")
        {
            Hint = "the registry, or something on the way to it, is damaged or lies; nothing was kept",
        };

    private void Drop()
    {
        _body?.Dispose();
        _body = null;
        _answer?.Dispose();
        _answer = null;
    }
}

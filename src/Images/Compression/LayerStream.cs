using System.Security.Cryptography;
using Rundlet.Images.Content;
using Rundlet.Linux;
using Rundlet.Oci;
using ZstdSharp;

namespace Rundlet.Images.Compression;

/// <summary>
/// The tar of a layer, from the bytes a registry or a file gives, in one pass:
/// <code>
/// source ─► copy into the store (hashed: digest) ─► unpack ─► hash (diff id), count ─► reader
/// </code>
/// What is unpacked is told by its first bytes, never by a media type or a file name.
/// </summary>
internal sealed class LayerStream : ReadOnlyStream
{
    private readonly SourceStream _source;
    private readonly Stream _tar;
    private readonly IncrementalHash _hash;
    private readonly long _limit;
    private bool _ended;

    /// <summary>Looks at the beginning and prepares to unpack.</summary>
    /// <param name="source">The packed bytes; stays the caller's.</param>
    /// <param name="copy">Gets every byte of the source; null for none.</param>
    /// <param name="limit">How long the unpacked archive may be, in bytes.</param>
    /// <param name="cancel">Ends it between two pieces.</param>
    /// <param name="algorithm">Of the diff id: <c>sha256</c> or <c>sha512</c>.</param>
    /// <param name="windows">What layers that are unpacked at the same time share; null for one alone.</param>
    /// <exception cref="ContainerException"><see cref="ContainerErrorKind.Unsupported"/>: packed in a way that layers are not.</exception>
    public LayerStream(Stream source, BlobWriter? copy, long limit, CancellationToken cancel = default, string algorithm = "sha256", WindowBudget? windows = null)
    {
        _source = new SourceStream(source, copy, cancel);
        _limit = limit;
        _hash = IncrementalHash.CreateHash(algorithm == "sha512" ? HashAlgorithmName.SHA512 : HashAlgorithmName.SHA256);
        Format = Detect(_source.Peek(8));
        _tar = Format switch
        {
            LayerFormat.Gzip => new GzipReader(_source),
            LayerFormat.Zstd => new ZstdReader(_source, windows, cancel),
            _ => _source,
        };
    }

    /// <summary>How the source is packed.</summary>
    public LayerFormat Format { get; }

    /// <summary>How many bytes were unpacked so far.</summary>
    public long UnpackedBytes { get; private set; }

    /// <inheritdoc/>
    /// <exception cref="ContainerException"><see cref="ContainerErrorKind.InvalidArgument"/>: damaged, or longer than allowed.</exception>
    public override int Read(Span<byte> buffer)
    {
        int got = ReadUnpacked(buffer);
        _ended |= got == 0;
        UnpackedBytes += got;
        if (UnpackedBytes > _limit)
            throw new ContainerException(ContainerErrorKind.InvalidArgument, $"the layer unpacks to more than {_limit} bytes");
        _hash.AppendData(buffer[..got]);
        return got;
    }

    /// <summary>Reads the source to its end and tells the layer's diff id: the digest of the unpacked archive.</summary>
    /// <exception cref="InvalidOperationException">The archive was not read to its end.</exception>
    public Digest Complete()
    {
        if (!_ended)
            throw new InvalidOperationException("the archive was not read to its end");
        _source.Drain();
        return _hash.AlgorithmName == HashAlgorithmName.SHA512 ? Digest.FromSha512(_hash.GetHashAndReset()) : Digest.FromSha256(_hash.GetHashAndReset());
    }

    /// <inheritdoc/>
    protected override void Dispose(bool disposing)
    {
        if (disposing)
        {
            _tar.Dispose();
            _hash.Dispose();
        }
        base.Dispose(disposing);
    }

    private int ReadUnpacked(Span<byte> buffer)
    {
        try
        {
            return _tar.Read(buffer);
        }
        catch (Exception error) when (error is InvalidDataException or ZstdException or EndOfStreamException)
        {
            // The decoders' own words are not shown: a trimmed program carries no texts for them.
            throw new ContainerException(ContainerErrorKind.InvalidArgument, $"the layer's {Format.ToString().ToLowerInvariant()} data is damaged or cut off");
        }
    }

    private static LayerFormat Detect(ReadOnlySpan<byte> start)
    {
        if (start.StartsWith<byte>([0x1f, 0x8b]))
            return LayerFormat.Gzip;
        // A frame, or one of the sixteen kinds that are skipped.
        if (start.StartsWith<byte>([0x28, 0xb5, 0x2f, 0xfd]) || (start.Length >= 4 && start[0] >> 4 == 5 && start[1..].StartsWith<byte>([0x2a, 0x4d, 0x18])))
            return LayerFormat.Zstd;
        string? other =
            start.StartsWith<byte>([0xfd, .. "7zXZ"u8]) ? "xz"
            : start.StartsWith("BZh"u8) ? "bzip2"
            : start.StartsWith<byte>([0x04, 0x22, 0x4d, 0x18]) ? "lz4"
            : start.StartsWith<byte>([0x1f, 0x9d]) ? "compress"
            : start.StartsWith<byte>([0x50, 0x4b, 0x03, 0x04]) ? "zip"
            : null;
        if (other is null)
            return LayerFormat.Tar;
        throw new ContainerException(ContainerErrorKind.Unsupported, $"the archive is packed with {other}")
        {
            Hint = "unpack it first; tar, tar.gz and tar.zst are read",
        };
    }
}

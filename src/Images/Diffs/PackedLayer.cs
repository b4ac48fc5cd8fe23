using System.IO.Compression;
using System.Security.Cryptography;
using Rundlet.Images.Content;
using Rundlet.Images.Files;
using Rundlet.Oci;
using ZstdSharp;

namespace Rundlet.Images.Diffs;

/// <summary>
/// A new layer's way into the store:
/// <code>
/// archive in small pieces ─► buffer ─► hash (diff id) ─► pack ─► blob (digest)
/// </code>
/// The same archive gives the same blob: the headers of gzip and zstd hold neither time nor name.
/// </summary>
internal sealed class PackedLayer : WriteOnlyStream
{
    private const int ZstdLevel = 3;

    private readonly BlobWriter _blob;
    private readonly Stream _packer;
    private readonly IncrementalHash _hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
    private readonly byte[] _buffer = GC.AllocateUninitializedArray<byte>(128 << 10);
    private readonly LayerCompression _compression;
    private readonly Action<long>? _passed;
    private int _buffered;

    /// <summary>Begins.</summary>
    /// <param name="blob">Gets the packed bytes; stays the caller's.</param>
    /// <param name="compression">How they are packed.</param>
    /// <param name="passed">Is told how many more bytes of the archive are packed; null for nobody.</param>
    public PackedLayer(BlobWriter blob, LayerCompression compression, Action<long>? passed = null)
    {
        _passed = passed;
        _blob = blob;
        _compression = compression;
        var target = new BlobStream(blob);
        _packer = compression switch
        {
            LayerCompression.Gzip => new GZipStream(target, CompressionLevel.Optimal),
            LayerCompression.Zstd => new CompressionStream(target, ZstdLevel, leaveOpen: false),
            _ => target,
        };
    }

    /// <summary>Ends the archive and makes the blob visible.</summary>
    /// <returns>The layer, and its diff id.</returns>
    /// <exception cref="Linux.ContainerException"><see cref="Linux.ContainerErrorKind.Unavailable"/>: the disk is full.</exception>
    /// <exception cref="Syscalls.LinuxException">The kernel refused.</exception>
    public (Descriptor Layer, Digest DiffId) Commit()
    {
        FlushBuffer();
        _packer.Dispose();
        Digest digest = _blob.Commit();
        string mediaType = _compression switch
        {
            LayerCompression.Gzip => MediaTypes.LayerGzip,
            LayerCompression.Zstd => MediaTypes.LayerZstd,
            _ => MediaTypes.Layer,
        };
        return (new Descriptor { MediaType = mediaType, Digest = digest, Size = _blob.Length }, Digest.FromSha256(_hash.GetHashAndReset()));
    }

    /// <inheritdoc/>
    public override void Write(ReadOnlySpan<byte> bytes)
    {
        if (bytes.Length > _buffer.Length - _buffered)
            FlushBuffer();
        if (bytes.Length > _buffer.Length)
        {
            Pass(bytes);
            return;
        }
        bytes.CopyTo(_buffer.AsSpan(_buffered));
        _buffered += bytes.Length;
    }

    /// <inheritdoc/>
    protected override void Dispose(bool disposing)
    {
        if (disposing)
        {
            _packer.Dispose();
            _hash.Dispose();
        }
        base.Dispose(disposing);
    }

    private void FlushBuffer()
    {
        Pass(_buffer.AsSpan(0, _buffered));
        _buffered = 0;
    }

    private void Pass(ReadOnlySpan<byte> bytes)
    {
        _hash.AppendData(bytes);
        _packer.Write(bytes);
        _passed?.Invoke(bytes.Length);
    }
}

using Rundlet.Images.Compression;
using Rundlet.Images.Content;
using Rundlet.Linux;
using Rundlet.Oci;

namespace Rundlet.Images.Pull;

/// <summary>
/// A blob as it comes: first what an earlier pull has left of it, then the rest from the registry, each byte hashed and kept before the
/// reader has it. The registry is asked only when what is here was read.
/// </summary>
internal sealed class ArrivingBlob(BlobWriter writer, Descriptor blob, Func<long, (Stream Bytes, long Offset)> open, Action<long> progress) : ReadOnlyStream
{
    private const int ReportEvery = 512 << 10;

    private Stream? _rest;
    private long _reported;

    public override int Read(Span<byte> buffer)
    {
        int got = writer.Replay(buffer);
        if (got == 0 && writer.Length < blob.Size)
            got = ReadRest(buffer);
        if (writer.Length - _reported >= ReportEvery || got == 0)
        {
            _reported = writer.Length;
            progress(_reported);
        }
        return got;
    }

    protected override void Dispose(bool disposing)
    {
        if (disposing)
            _rest?.Dispose();
        base.Dispose(disposing);
    }

    private int ReadRest(Span<byte> buffer)
    {
        _rest ??= OpenRest();
        int got = _rest.Read(buffer[..(int)Math.Min(buffer.Length, blob.Size - writer.Length)]);
        if (got == 0)
            throw new ContainerException(ContainerErrorKind.Unavailable, $"blob '{blob.Digest}' ended after {writer.Length} of {blob.Size} bytes");
        writer.Write(buffer[..got]);
        return got;
    }

    private Stream OpenRest()
    {
        (Stream bytes, long offset) = open(writer.Length);
        try
        {
            Pass(bytes, writer.Length - offset);
            return bytes;
        }
        catch
        {
            bytes.Dispose();
            throw;
        }
    }

    /// <summary>Reads over what is here already, from a registry that cannot begin later.</summary>
    private static void Pass(Stream bytes, long count)
    {
        byte[] scratch = count > 0 ? new byte[Math.Min(count, 256 << 10)] : [];
        while (count > 0)
        {
            int got = bytes.Read(scratch, 0, (int)Math.Min(count, scratch.Length));
            if (got == 0)
                return; // the next read will find the end, too
            count -= got;
        }
    }
}

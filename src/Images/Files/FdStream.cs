using Rundlet.Linux;
using Rundlet.Syscalls;

namespace Rundlet.Images.Files;

/// <summary>An open file as a stream, forwards and without a buffer of its own. Errors are <see cref="LinuxException"/>s.</summary>
internal sealed class FdStream(OwnedFd fd, string subject) : Stream
{
    private readonly long _length = LengthOf(fd.Value, subject);
    private long _position;

    public override bool CanRead => true;

    /// <summary>Only a file that is read; its length is taken once, at the start.</summary>
    public override bool CanSeek => true;

    public override bool CanWrite => false;

    public override long Length => _length;

    public override long Position
    {
        get => _position;
        set => Seek(value, SeekOrigin.Begin);
    }

    public override int Read(Span<byte> buffer)
    {
        while (true)
        {
            nint got = Sys.pread(fd.Value, buffer, _position);
            if (Sys.Is(got, Errno.EINTR))
                continue;
            LinuxException.ThrowIfError(got, "read", subject);
            _position += got;
            return (int)got;
        }
    }

    public override int Read(byte[] buffer, int offset, int count) => Read(buffer.AsSpan(offset, count));

    public override long Seek(long offset, SeekOrigin origin)
    {
        long target = origin switch
        {
            SeekOrigin.Begin => offset,
            SeekOrigin.Current => _position + offset,
            _ => _length + offset,
        };
        ArgumentOutOfRangeException.ThrowIfNegative(target, nameof(offset));
        return _position = target;
    }

    public override void Flush()
    {
    }

    public override void SetLength(long value) => throw new NotSupportedException();

    public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();

    protected override void Dispose(bool disposing)
    {
        if (disposing)
            fd.Dispose();
        base.Dispose(disposing);
    }

    private static long LengthOf(int fd, string subject)
    {
        LinuxException.ThrowIfError(Sys.statx(fd, "", AT.EMPTY_PATH, STATX.SIZE, out statx_t stat), "stat", subject);
        return (long)stat.stx_size;
    }
}

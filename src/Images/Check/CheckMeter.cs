using Rundlet.Images.Compression;

namespace Rundlet.Images.Check;

/// <summary>Counts what a check has read, and says so.</summary>
/// <param name="kind">What is checked.</param>
/// <param name="total">Bytes of all of these.</param>
/// <param name="report">Is told; null for nobody.</param>
internal sealed class CheckMeter(StoreProblemKind kind, long total, Action<CheckProgress>? report)
{
    private long _before; // bytes of what is through

    /// <summary>Something is through, however much of it was read.</summary>
    public void Pass(long size)
    {
        _before += size;
        Say(_before);
    }

    /// <summary>All are through.</summary>
    public void End() => report?.Invoke(new CheckProgress(kind, total, total, IsFinal: true));

    /// <summary>A stream that counts what is read from it.</summary>
    public Stream Count(Stream stream) => report is null ? stream : new Counted(stream, this);

    private void Say(long done) => report?.Invoke(new CheckProgress(kind, Math.Min(done, total), total, IsFinal: false));

    private sealed class Counted(Stream stream, CheckMeter meter) : ReadOnlyStream
    {
        private long _read;

        public override int Read(Span<byte> buffer)
        {
            int got = stream.Read(buffer);
            _read += got;
            meter.Say(meter._before + _read);
            return got;
        }

        protected override void Dispose(bool disposing)
        {
            if (disposing)
                stream.Dispose();
            base.Dispose(disposing);
        }
    }
}

using ZstdSharp;
using ZstdSharp.Unsafe;

namespace Rundlet.Images.Compression;

/// <summary>
/// zstd, in any number of frames. Before a frame needs more memory than those before it, its reader gives back what it has and waits for
/// more: several layers at once stay within one <see cref="WindowBudget"/>, whatever stands in their later frames.
/// </summary>
/// <param name="source">The packed bytes; disposed with this.</param>
/// <param name="budget">Where the memory comes from; null for as much as it takes.</param>
/// <param name="cancel">Ends the wait for memory.</param>
internal sealed class ZstdReader(Stream source, WindowBudget? budget, CancellationToken cancel) : ReadOnlyStream
{
    /// <summary>How much a frame may make its reader remember: 128 MiB, the most that zstd itself allows unless told otherwise.</summary>
    private const int MaxWindowLog = 27;

    private readonly ZstdFrames _frames = new(source);
    private DecompressionStream? _decoder;
    private long _taken;

    public override int Read(Span<byte> buffer)
    {
        while (true)
        {
            _decoder ??= Open();
            int got = _decoder.Read(buffer);
            if (got > 0 || buffer.IsEmpty || _frames.Wanted == 0)
                return got;
            GiveBack();
        }
    }

    protected override void Dispose(bool disposing)
    {
        if (disposing)
        {
            GiveBack();
            _frames.Dispose();
        }
        base.Dispose(disposing);
    }

    private DecompressionStream Open()
    {
        _frames.Look();
        // What is larger than any frame may be is refused by the decoder, and needs no memory before.
        long wanted = Math.Min(Math.Max(_frames.Wanted, _frames.Admitted), 1L << MaxWindowLog);
        if (budget is not null && wanted > 0)
        {
            budget.Take(wanted, cancel);
            _taken = wanted;
        }
        _frames.Admit();
        var decoder = new DecompressionStream(_frames, bufferSize: 128 << 10, leaveOpen: true);
        decoder.SetParameter(ZSTD_dParameter.ZSTD_d_windowLogMax, MaxWindowLog);
        return decoder;
    }

    private void GiveBack()
    {
        _decoder?.Dispose();
        _decoder = null;
        if (_taken > 0)
            budget!.Return(_taken);
        _taken = 0;
    }
}

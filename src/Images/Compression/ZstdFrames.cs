using System.Buffers.Binary;

namespace Rundlet.Images.Compression;

/// <summary>
/// Passes zstd data on and sees where its frames begin (RFC 8878, 3.1): before a frame that makes its reader remember more than those
/// before it, the data seems to end, until <see cref="Admit"/> lets it go on. What is damaged is passed on as it is: the decoder says so.
/// </summary>
internal sealed class ZstdFrames(Stream source) : ReadOnlyStream
{
    private const int MaxHeader = 18; // magic 4, descriptor 1, window 1, dictionary 4, content size 8
    private const int BlockHeader = 3, MaxBlock = 128 << 10;
    private const uint FrameMagic = 0xfd2fb528, SkippableMagic = 0x184d2a50;

    private readonly byte[] _buffer = GC.AllocateUninitializedArray<byte>(128 << 10);
    private int _start;
    private int _end;
    private long _pass; // bytes that may go on before the next header
    private State _state = State.Frame;
    private bool _hasChecksum;
    private bool _sourceEnded;

    private enum State
    {
        Frame,
        Block,
        Opaque, // damaged: whatever comes goes on
    }

    /// <summary>How much the frames that were admitted make their reader remember, in bytes.</summary>
    public long Admitted { get; private set; }

    /// <summary>How much the next frame wants, when it is more than <see cref="Admitted"/>; else 0.</summary>
    public long Wanted { get; private set; }

    /// <summary>Lets the next frame through.</summary>
    public void Admit()
    {
        Admitted = Math.Max(Admitted, Wanted);
        Wanted = 0;
    }

    /// <summary>Looks at the beginning of the next frame before anything of it was read.</summary>
    public void Look()
    {
        while (_pass == 0 && Wanted == 0 && _state == State.Frame && Fill(1) > 0)
            Step();
    }

    public override int Read(Span<byte> buffer)
    {
        if (buffer.IsEmpty)
            return 0;
        while (_pass == 0 && Wanted == 0)
        {
            if (Fill(1) == 0)
                return 0;
            Step();
        }
        if (_pass == 0)
            return 0; // waits to be admitted
        int length = (int)Math.Min(Math.Min(buffer.Length, _pass), Fill(1));
        _buffer.AsSpan(_start, length).CopyTo(buffer);
        _start += length;
        _pass -= length;
        return length;
    }

    protected override void Dispose(bool disposing)
    {
        if (disposing)
            source.Dispose();
        base.Dispose(disposing);
    }

    /// <summary>Reads a header, and says how far it is to the next one.</summary>
    private void Step()
    {
        switch (_state)
        {
            case State.Frame:
                BeginFrame(Peek(MaxHeader));
                break;
            case State.Block:
                BeginBlock(Peek(BlockHeader));
                break;
            default:
                _pass = long.MaxValue;
                break;
        }
    }

    private void BeginFrame(ReadOnlySpan<byte> bytes)
    {
        uint magic = bytes.Length >= 8 ? BinaryPrimitives.ReadUInt32LittleEndian(bytes) : 0;
        if ((magic & ~0xfu) == SkippableMagic)
        {
            _pass = 8L + BinaryPrimitives.ReadUInt32LittleEndian(bytes[4..]);
            return;
        }
        if (magic != FrameMagic || !TryHeader(bytes[4..], out int length, out long window))
        {
            _state = State.Opaque;
            return;
        }
        if (window > Admitted)
        {
            Wanted = window;
            return; // looked at again when it is admitted
        }
        _pass = 4 + length;
        _state = State.Block;
    }

    private bool TryHeader(ReadOnlySpan<byte> bytes, out int length, out long window)
    {
        byte descriptor = bytes[0];
        bool isSingle = (descriptor & 0x20) != 0;
        _hasChecksum = (descriptor & 4) != 0;
        int dictionary = (descriptor & 3) switch { 0 => 0, 1 => 1, 2 => 2, _ => 4 };
        int sizeBytes = (descriptor >> 6) switch { 0 => isSingle ? 1 : 0, 1 => 2, 2 => 4, _ => 8 };
        int windowBytes = isSingle ? 0 : 1;
        length = 1 + windowBytes + dictionary + sizeBytes;
        window = 0;
        if (bytes.Length < length)
            return false;
        ReadOnlySpan<byte> size = bytes.Slice(1 + windowBytes + dictionary, sizeBytes);
        ulong content = sizeBytes switch
        {
            0 => ulong.MaxValue,
            1 => size[0],
            2 => BinaryPrimitives.ReadUInt16LittleEndian(size) + 256u,
            4 => BinaryPrimitives.ReadUInt32LittleEndian(size),
            _ => BinaryPrimitives.ReadUInt64LittleEndian(size),
        };
        long most = isSingle ? long.MaxValue : WindowOf(bytes[1]);
        window = (long)Math.Min((ulong)most, content); // no decoder keeps more than there is
        return true;
    }

    private static long WindowOf(byte descriptor)
    {
        long power = 1L << (10 + (descriptor >> 3));
        return power + (power >> 3) * (descriptor & 7);
    }

    private void BeginBlock(ReadOnlySpan<byte> bytes)
    {
        if (bytes.Length < BlockHeader)
        {
            _state = State.Opaque;
            return;
        }
        int header = bytes[0] | bytes[1] << 8 | bytes[2] << 16;
        bool isLast = (header & 1) != 0, isRun = (header >> 1 & 3) == 1;
        int size = header >> 3;
        if (size > MaxBlock)
        {
            _state = State.Opaque;
            return;
        }
        _pass = BlockHeader + (isRun ? 1 : size) + (isLast && _hasChecksum ? 4 : 0);
        _state = isLast ? State.Frame : State.Block;
    }

    private ReadOnlySpan<byte> Peek(int count) => _buffer.AsSpan(_start, Math.Min(count, Fill(count)));

    /// <summary>How many bytes stand in the buffer, after trying to have so many there.</summary>
    private int Fill(int count)
    {
        while (_end - _start < count && !_sourceEnded)
        {
            if (_start == _end || _buffer.Length - _start < count)
            {
                _buffer.AsSpan(_start, _end - _start).CopyTo(_buffer);
                (_start, _end) = (0, _end - _start);
            }
            int got = source.Read(_buffer.AsSpan(_end));
            _sourceEnded = got == 0;
            _end += got;
        }
        return _end - _start;
    }
}

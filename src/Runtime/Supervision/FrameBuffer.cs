namespace Rundlet.Runtime.Supervision;

/// <summary>
/// Bytes of a stream socket on their way to becoming frames. Grows with what has really arrived, never with what a header
/// announces, and never past one frame of the longest kind.
/// </summary>
public sealed class FrameBuffer
{
    /// <summary>The most it ever holds.</summary>
    public const int MaxCapacity = Frame.HeaderLength + Frame.MaxDocument;

    private const int SmallCapacity = 4096;

    private byte[] _bytes = [];
    private int _start;
    private int _end;

    /// <summary>Bytes held now.</summary>
    public int Length => _end - _start;

    /// <summary>Bytes that are set aside for it now.</summary>
    public int Capacity => _bytes.Length;

    /// <summary>Room for the next bytes, at least one. Ends the life of the last frame's payload.</summary>
    /// <exception cref="InvalidOperationException">A whole frame is waiting to be taken.</exception>
    public Span<byte> Space()
    {
        if (_start == _end)
        {
            _start = _end = 0;
            if (_bytes.Length is 0 or > Frame.HeaderLength + Frame.MaxStream)
                _bytes = new byte[SmallCapacity]; // gives a long document's memory back
        }
        if (_end == _bytes.Length)
            MakeRoom();
        return _bytes.AsSpan(_end);
    }

    /// <summary>Says how many bytes were put into <see cref="Space"/>.</summary>
    public void Received(int count)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThan((uint)count, (uint)(_bytes.Length - _end));
        _end += count;
    }

    /// <summary>Takes the next frame out.</summary>
    /// <param name="type">Its type.</param>
    /// <param name="payload">Its payload; valid until the next <see cref="Space"/>.</param>
    public FrameStatus TryTake(out FrameType type, out ReadOnlySpan<byte> payload)
    {
        payload = default;
        FrameStatus status = Frame.TryRead(_bytes.AsSpan(_start, Length), out type, out int length);
        if (status != FrameStatus.Complete)
            return status;
        payload = _bytes.AsSpan(_start + Frame.HeaderLength, length);
        _start += Frame.HeaderLength + length;
        return status;
    }

    private void MakeRoom()
    {
        if (_start > 0)
        {
            _bytes.AsSpan(_start, Length).CopyTo(_bytes);
            _end -= _start;
            _start = 0;
            return;
        }
        if (_bytes.Length >= MaxCapacity)
            throw new InvalidOperationException("a whole frame is waiting to be taken");
        Array.Resize(ref _bytes, Math.Min(2 * _bytes.Length, MaxCapacity));
    }
}

namespace Rundlet.Supervisor;

/// <summary>The beginning of a line whose end has not come yet. Holds no memory while there is none.</summary>
internal sealed class LineRest
{
    private byte[] _bytes = [];
    private int _length;
    private int _parts;

    /// <summary>Whether there is no such beginning.</summary>
    public bool IsEmpty => _length == 0;

    /// <summary>The beginning.</summary>
    public ReadOnlySpan<byte> Bytes => _bytes.AsSpan(0, _length);

    /// <summary>Adds bytes, up to <paramref name="bound"/> in all.</summary>
    /// <returns>How many were taken.</returns>
    public int Append(ReadOnlySpan<byte> part, int bound)
    {
        int taken = Math.Min(part.Length, bound - _length);
        if (_length + taken > _bytes.Length)
            Array.Resize(ref _bytes, Math.Min(bound, Math.Max(_length + taken, 2 * _bytes.Length)));
        part[..taken].CopyTo(_bytes.AsSpan(_length));
        _length += taken;
        return taken;
    }

    /// <summary>Counts the records that a line becomes.</summary>
    /// <param name="isLast">Whether the next record ends it.</param>
    public LinePart NextPart(bool isLast)
    {
        LinePart part = new(isLast && _parts == 0 ? 0 : _parts + 1, isLast);
        _parts = isLast ? 0 : _parts + 1;
        return part;
    }

    /// <summary>Takes bytes off the front.</summary>
    public void Drop(int count)
    {
        Bytes[count..].CopyTo(_bytes);
        _length -= count;
    }

    /// <summary>Empties it.</summary>
    public void Clear()
    {
        _bytes = [];
        _length = 0;
    }
}

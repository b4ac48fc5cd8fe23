using System.Buffers.Binary;

namespace Rundlet.Dns.Wire;

/// <summary>Writes an answer of our own: the question as it was asked, records, and EDNS where the client speaks it.</summary>
internal ref struct AnswerWriter
{
    private const int EdnsLength = 11;
    private const ushort ToQuestion = 0xC000 | DnsCodes.HeaderLength; // a pointer in the place of the name

    private readonly Span<byte> _buffer;
    private readonly bool _hasEdns;
    private readonly int _limit;
    private int _length;
    private int _records;
    private int _rcode;
    private bool _isTruncated;

    /// <summary>Begins an answer without records.</summary>
    /// <param name="buffer">Where it is written: at least <paramref name="limit"/> bytes.</param>
    /// <param name="query">The question.</param>
    /// <param name="limit">The most bytes that the client takes.</param>
    /// <param name="rcode">What came of it.</param>
    public AnswerWriter(Span<byte> buffer, in DnsQuery query, int limit, int rcode)
    {
        _buffer = buffer;
        _hasEdns = query.HasEdns;
        _limit = limit - (_hasEdns ? EdnsLength : 0);
        _rcode = rcode;
        buffer[..DnsCodes.HeaderLength].Clear();
        query.Message[..2].CopyTo(buffer);
        ushort flags = (ushort)(DnsCodes.Response | DnsCodes.RecursionAvailable | (query.Flags & (DnsCodes.OpcodeMask | DnsCodes.RecursionDesired | DnsCodes.CheckingDisabled)));
        BinaryPrimitives.WriteUInt16BigEndian(buffer[2..], flags);
        _length = query.QuestionEnd;
        if (query.QuestionEnd > DnsCodes.HeaderLength)
        {
            buffer[5] = 1;
            query.Question.CopyTo(buffer[DnsCodes.HeaderLength..]);
        }
    }

    /// <summary>Adds an address, IPv4 or IPv6; notes where it does not fit any more.</summary>
    public void Add(scoped ReadOnlySpan<byte> address, uint timeToLive) => Add(address.Length == 4 ? DnsCodes.A : DnsCodes.AAAA, address, timeToLive);

    /// <summary>Adds a record of the name that was asked for; notes where it does not fit any more.</summary>
    public void Add(ushort type, scoped ReadOnlySpan<byte> data, uint timeToLive)
    {
        const int head = 12;
        if (_length + head + data.Length > _limit)
        {
            _isTruncated = true;
            return;
        }
        Span<byte> record = _buffer[_length..];
        BinaryPrimitives.WriteUInt16BigEndian(record, ToQuestion);
        BinaryPrimitives.WriteUInt16BigEndian(record[2..], type);
        BinaryPrimitives.WriteUInt16BigEndian(record[4..], DnsCodes.ClassIn);
        BinaryPrimitives.WriteUInt32BigEndian(record[6..], timeToLive);
        BinaryPrimitives.WriteUInt16BigEndian(record[10..], (ushort)data.Length);
        data.CopyTo(record[head..]);
        _length += head + data.Length;
        _records++;
    }

    /// <summary>Notes that there is more than fits: the client asks again by TCP.</summary>
    public void Truncate() => _isTruncated = true;

    /// <summary>Ends it.</summary>
    /// <returns>Its length in bytes.</returns>
    public int Finish()
    {
        ushort flags = BinaryPrimitives.ReadUInt16BigEndian(_buffer[2..]);
        BinaryPrimitives.WriteUInt16BigEndian(_buffer[2..], (ushort)(flags | (_rcode & DnsCodes.RcodeMask) | (_isTruncated ? DnsCodes.Truncated : 0)));
        BinaryPrimitives.WriteUInt16BigEndian(_buffer[6..], (ushort)_records);
        if (!_hasEdns)
            return _length;
        Span<byte> edns = _buffer.Slice(_length, EdnsLength);
        edns.Clear(); // the root's name, version 0, no flags, no data
        BinaryPrimitives.WriteUInt16BigEndian(edns[1..], DnsCodes.OPT);
        BinaryPrimitives.WriteUInt16BigEndian(edns[3..], DnsCodes.LargestDatagram);
        edns[5] = (byte)(_rcode >> 4);
        _buffer[11] = 1;
        return _length + EdnsLength;
    }
}

using System.Buffers.Binary;

namespace Rundlet.Dns.Wire;

/// <summary>What is to be done with a message of a client.</summary>
internal enum QueryVerdict
{
    /// <summary>It is a question.</summary>
    Good,

    /// <summary>It is none, and whoever sent it gets no answer.</summary>
    Silence,

    /// <summary>It is malformed, but has an id to answer to.</summary>
    FormatError,

    /// <summary>It asks for something else than a lookup.</summary>
    NotImplemented,
}

/// <summary>A client's question, in its message.</summary>
internal readonly ref struct DnsQuery
{
    private const int MaxRecords = 16;

    private DnsQuery(ReadOnlySpan<byte> message, int questionEnd)
    {
        Message = message;
        QuestionEnd = questionEnd;
    }

    /// <summary>The whole message.</summary>
    public ReadOnlySpan<byte> Message { get; }

    /// <summary>Where name, type and class end; the head's length where the question is unreadable.</summary>
    public int QuestionEnd { get; }

    /// <summary>The client's number for it.</summary>
    public ushort Id => BinaryPrimitives.ReadUInt16BigEndian(Message);

    /// <summary>The bits behind the id.</summary>
    public ushort Flags => BinaryPrimitives.ReadUInt16BigEndian(Message[2..]);

    /// <summary>Name, type and class.</summary>
    public ReadOnlySpan<byte> Question => Message[DnsCodes.HeaderLength..QuestionEnd];

    /// <summary>The name with the lengths of its labels, as the client spelled it.</summary>
    public ReadOnlySpan<byte> Name => Question[..^4];

    /// <summary>What is asked for.</summary>
    public ushort Type => BinaryPrimitives.ReadUInt16BigEndian(Question[^4..]);

    /// <summary>In which class of names; the Internet's as a rule.</summary>
    public ushort Class => BinaryPrimitives.ReadUInt16BigEndian(Question[^2..]);

    /// <summary>Whether the client speaks EDNS.</summary>
    public bool HasEdns { get; private init; }

    /// <summary>The largest datagram that it takes, as it says.</summary>
    public ushort UdpSize { get; private init; }

    /// <summary>Where that stands in the message.</summary>
    public int UdpSizeAt { get; private init; }

    /// <summary>Its version of EDNS.</summary>
    public byte EdnsVersion { get; private init; }

    /// <summary>Whether it wants signatures.</summary>
    public bool DnssecOk { get; private init; }

    /// <summary>Whether it has said more by EDNS: a cookie, its network.</summary>
    public bool HasEdnsOptions { get; private init; }

    /// <summary>The most bytes of an answer by UDP.</summary>
    public int DatagramLimit => HasEdns ? Math.Clamp((int)UdpSize, DnsCodes.PlainSize, DnsCodes.LargestDatagram) : DnsCodes.PlainSize;

    /// <summary>Reads a message.</summary>
    /// <param name="message">What a client sent.</param>
    /// <param name="query">What can be answered to, whatever the verdict is, but for silence.</param>
    public static QueryVerdict Read(ReadOnlySpan<byte> message, out DnsQuery query)
    {
        query = new DnsQuery(message, DnsCodes.HeaderLength);
        if (message.Length < DnsCodes.HeaderLength || (query.Flags & DnsCodes.Response) != 0)
            return QueryVerdict.Silence;
        if ((query.Flags & DnsCodes.OpcodeMask) != 0)
            return QueryVerdict.NotImplemented;
        int records = Count(message, 10);
        if (Count(message, 4) != 1 || Count(message, 6) != 0 || Count(message, 8) != 0 || records > MaxRecords)
            return QueryVerdict.FormatError;
        int end = WireName.Skip(message, DnsCodes.HeaderLength, allowPointer: false);
        if (end < 0 || end + 4 > message.Length)
            return QueryVerdict.FormatError;
        query = new DnsQuery(message, end + 4);
        int at = end + 4;
        for (int i = 0; i < records; i++)
        {
            if (!RecordHead.TryRead(message, at, out RecordHead record))
                return QueryVerdict.FormatError;
            if (record.Type == DnsCodes.OPT)
            {
                if (query.HasEdns || message[at] != 0)
                    return QueryVerdict.FormatError;
                query = new DnsQuery(message, end + 4)
                {
                    HasEdns = true,
                    UdpSize = record.Class,
                    UdpSizeAt = record.TimeAt - 2,
                    EdnsVersion = (byte)(record.TimeToLive >> 16),
                    DnssecOk = (record.TimeToLive & DnsCodes.DnssecOk) != 0,
                    HasEdnsOptions = record.DataLength > 0,
                };
            }
            at = record.End;
        }
        return at == message.Length ? QueryVerdict.Good : QueryVerdict.FormatError;
    }

    private static int Count(ReadOnlySpan<byte> message, int at) => BinaryPrimitives.ReadUInt16BigEndian(message[at..]);
}

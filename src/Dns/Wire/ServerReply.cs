using System.Buffers.Binary;

namespace Rundlet.Dns.Wire;

/// <summary>What another server answered: whether it is the answer, and for how long it may be kept.</summary>
internal static class ServerReply
{
    /// <summary>The longest time that an answer is kept, in seconds.</summary>
    public const uint LongestLife = 3600;

    /// <summary>The longest time that "there is no such name" is kept, in seconds.</summary>
    public const uint LongestDenial = 60;

    /// <summary>Whether a message answers a question.</summary>
    /// <param name="reply">What came.</param>
    /// <param name="id">Our number for the question.</param>
    /// <param name="question">Name, type and class as they were sent.</param>
    public static bool Matches(ReadOnlySpan<byte> reply, ushort id, ReadOnlySpan<byte> question)
    {
        int end = DnsCodes.HeaderLength + question.Length;
        return reply.Length >= end
            && BinaryPrimitives.ReadUInt16BigEndian(reply) == id
            && (Flags(reply) & (DnsCodes.Response | DnsCodes.OpcodeMask)) == DnsCodes.Response
            && BinaryPrimitives.ReadUInt16BigEndian(reply[4..]) == 1
            && WireName.Same(reply[DnsCodes.HeaderLength..(end - 4)], question[..^4])
            && reply[(end - 4)..end].SequenceEqual(question[^4..]);
    }

    /// <summary>What came of it.</summary>
    public static int Rcode(ReadOnlySpan<byte> reply) => Flags(reply) & DnsCodes.RcodeMask;

    /// <summary>Whether records were left out because they did not fit.</summary>
    public static bool IsTruncated(ReadOnlySpan<byte> reply) => (Flags(reply) & DnsCodes.Truncated) != 0;

    /// <summary>For how many seconds an answer may be kept; 0 for not at all.</summary>
    public static uint LifeOf(ReadOnlySpan<byte> reply, int questionEnd)
    {
        int rcode = Rcode(reply);
        if (IsTruncated(reply) || rcode is not (DnsCodes.NoError or DnsCodes.NameError))
            return 0;
        int answers = BinaryPrimitives.ReadUInt16BigEndian(reply[6..]), authorities = BinaryPrimitives.ReadUInt16BigEndian(reply[8..]);
        int records = answers + authorities + BinaryPrimitives.ReadUInt16BigEndian(reply[10..]);
        bool isDenial = rcode == DnsCodes.NameError || answers == 0;
        uint life = isDenial ? LongestDenial : LongestLife;
        bool hasStart = false;
        int at = questionEnd;
        for (int i = 0; i < records; i++)
        {
            if (!RecordHead.TryRead(reply, at, out RecordHead record))
                return 0;
            at = record.End;
            if (record.Type == DnsCodes.OPT)
                continue;
            life = Math.Min(life, record.TimeToLive);
            // RFC 2308: what is not there is not there as long as the zone's SOA says, in its last field.
            if (record.Type == DnsCodes.SOA && i >= answers && i < answers + authorities && record.DataLength >= 22)
            {
                hasStart = true;
                life = Math.Min(life, BinaryPrimitives.ReadUInt32BigEndian(reply[(record.End - 4)..]));
            }
        }
        return isDenial && !hasStart ? 0 : life;
    }

    /// <summary>Makes the records of a kept answer older.</summary>
    /// <param name="reply">The answer, which <see cref="LifeOf"/> has walked through.</param>
    /// <param name="questionEnd">Where its records begin.</param>
    /// <param name="seconds">By how much; at most its life.</param>
    public static void Age(Span<byte> reply, int questionEnd, uint seconds)
    {
        int at = questionEnd;
        while (at < reply.Length && RecordHead.TryRead(reply, at, out RecordHead record))
        {
            if (record.Type != DnsCodes.OPT)
                BinaryPrimitives.WriteUInt32BigEndian(reply[record.TimeAt..], record.TimeToLive - Math.Min(seconds, record.TimeToLive));
            at = record.End;
        }
    }

    private static ushort Flags(ReadOnlySpan<byte> reply) => BinaryPrimitives.ReadUInt16BigEndian(reply[2..]);
}

using Rundlet.Dns.Wire;

namespace Rundlet.Dns.Serving;

/// <summary>
/// Answers of other servers, as long as their records live; few and small, so that what a container asks for costs little memory. What is
/// new takes the place of what is older.
/// </summary>
internal sealed class AnswerCache
{
    private const int Sets = 64, Ways = 2;

    /// <summary>Larger answers are not kept, in bytes.</summary>
    public const int MaxAnswer = 1232;

    private readonly Entry?[] _entries = new Entry?[Sets * Ways];

    private sealed class Entry
    {
        public byte Kind;
        public int QuestionLength;
        public byte[] Answer = [];
        public int Length;
        public long At, Until;
    }

    /// <summary>
    /// Whether an answer to this question may be kept: a lookup in the Internet's names by a client that says nothing about itself.
    /// </summary>
    public static bool Takes(in DnsQuery query) => !query.HasEdnsOptions && query.Class == DnsCodes.ClassIn && query.Type != DnsCodes.ANY;

    /// <summary>Finds an answer and fits it to a question.</summary>
    /// <param name="query">The question, one that it <see cref="Takes"/>.</param>
    /// <param name="limit">The most bytes that the client takes.</param>
    /// <param name="now">The time in milliseconds.</param>
    /// <param name="answer">Where the answer is written.</param>
    /// <returns>Its length; 0 where there is none.</returns>
    public int Find(in DnsQuery query, int limit, long now, Span<byte> answer)
    {
        int set = SetOf(query.Question);
        for (int way = 0; way < Ways; way++)
        {
            if (_entries[set + way] is not { } entry || now >= entry.Until || entry.Length > limit || entry.Kind != KindOf(query) || !Is(entry, query.Question))
                continue;
            Span<byte> copy = answer[..entry.Length];
            entry.Answer.AsSpan(0, entry.Length).CopyTo(copy);
            query.Message[..2].CopyTo(copy);
            query.Question.CopyTo(copy[DnsCodes.HeaderLength..]); // as it was spelled this time
            ServerReply.Age(copy, query.QuestionEnd, (uint)((now - entry.At) / 1000));
            return entry.Length;
        }
        return 0;
    }

    /// <summary>Keeps an answer as long as it lives; leaves out what is large or lives not at all.</summary>
    /// <param name="query">The question, one that it <see cref="Takes"/>.</param>
    /// <param name="answer">The answer, with that question in it.</param>
    /// <param name="now">The time in milliseconds.</param>
    public void Keep(in DnsQuery query, ReadOnlySpan<byte> answer, long now)
    {
        uint life = answer.Length <= MaxAnswer ? ServerReply.LifeOf(answer, query.QuestionEnd) : 0;
        if (life == 0)
            return;
        int set = SetOf(query.Question), chosen = set;
        for (int way = 0; way < Ways; way++)
        {
            Entry? entry = _entries[set + way];
            if (entry is null || (entry.Kind == KindOf(query) && Is(entry, query.Question)))
            {
                chosen = set + way;
                break;
            }
            if (entry.Until < _entries[chosen]!.Until)
                chosen = set + way;
        }
        Entry kept = _entries[chosen] ??= new Entry();
        if (kept.Answer.Length < answer.Length)
            kept.Answer = new byte[answer.Length];
        answer.CopyTo(kept.Answer);
        (kept.Kind, kept.QuestionLength, kept.Length, kept.At, kept.Until) = (KindOf(query), query.Question.Length, answer.Length, now, now + 1000L * life);
    }

    /// <summary>Forgets all.</summary>
    public void Clear() => Array.Clear(_entries);

    // What an answer depends on besides the question.
    private static byte KindOf(in DnsQuery query) => (byte)((query.HasEdns ? 1 : 0) | (query.DnssecOk ? 2 : 0)
        | ((query.Flags & DnsCodes.CheckingDisabled) != 0 ? 4 : 0) | ((query.Flags & DnsCodes.RecursionDesired) != 0 ? 8 : 0));

    private static bool Is(Entry entry, ReadOnlySpan<byte> question) =>
        entry.QuestionLength == question.Length && WireName.Same(entry.Answer.AsSpan(DnsCodes.HeaderLength, question.Length)[..^4], question[..^4])
        && entry.Answer.AsSpan(DnsCodes.HeaderLength + question.Length - 4, 4).SequenceEqual(question[^4..]);

    private static int SetOf(ReadOnlySpan<byte> question)
    {
        uint hash = 2166136261;
        foreach (byte b in question)
            hash = (hash ^ WireName.Lower(b)) * 16777619;
        return (int)((hash ^ hash >> 16) % Sets) * Ways;
    }
}

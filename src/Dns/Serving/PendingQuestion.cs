using Rundlet.Dns.Wire;
using Rundlet.Linux;

namespace Rundlet.Dns.Serving;

/// <summary>A question of a client that another server has been asked.</summary>
internal sealed class PendingQuestion
{
    /// <summary>Bytes of a message's length by TCP.</summary>
    public const int LengthBytes = 2;

    /// <summary>Its length by TCP and the message, with our number in it.</summary>
    public byte[] Buffer = new byte[LengthBytes + DnsCodes.PlainSize];

    /// <summary>The message's length in bytes.</summary>
    public int Length;

    /// <summary>Where the question ends in the message.</summary>
    public int QuestionEnd;

    /// <summary>Who has asked.</summary>
    public Client Client;

    /// <summary>The client's number for it.</summary>
    public ushort ClientId;

    /// <summary>Ours, a new one for each server.</summary>
    public ushort Id;

    /// <summary>Its place's number of uses: what comes late is known by it.</summary>
    public ushort Generation;

    /// <summary>When it began, as a number that only grows.</summary>
    public ulong Order;

    /// <summary>How many servers have been tried.</summary>
    public int Tries;

    /// <summary>What the last one said that did not help.</summary>
    public int Rcode;

    /// <summary>Where an answer is waited for; null where the place is free.</summary>
    public OwnedFd? Socket;

    /// <summary>Until when.</summary>
    public long Deadline;

    /// <summary>Whether it is asked by TCP: its client does so, or the answer by UDP was cut.</summary>
    public bool IsStream;

    /// <summary>The answer by UDP where it was cut and TCP is to bring the whole; null else.</summary>
    public byte[]? Cut;

    /// <summary>The most bytes that its client takes by UDP.</summary>
    public int Limit;

    /// <summary>What has come by TCP.</summary>
    public byte[]? Stream;

    /// <summary>How many bytes of that.</summary>
    public int Received;

    /// <summary>Whether it was sent by TCP.</summary>
    public bool IsSent;

    /// <summary>Whether it waits for an answer.</summary>
    public bool IsActive;

    /// <summary>The message.</summary>
    public Span<byte> Message => Buffer.AsSpan(LengthBytes, Length);

    /// <summary>Name, type and class.</summary>
    public ReadOnlySpan<byte> Question => Buffer.AsSpan(LengthBytes + DnsCodes.HeaderLength, QuestionEnd - DnsCodes.HeaderLength);
}

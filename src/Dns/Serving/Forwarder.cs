using System.Buffers.Binary;
using Rundlet.Dns.Names;
using Rundlet.Dns.Wire;
using Rundlet.Linux;
using Rundlet.Syscalls;

namespace Rundlet.Dns.Serving;

/// <summary>Takes what came of a question: the server's message, or nothing with a code.</summary>
/// <param name="question">Whose; its message has the client's number again.</param>
/// <param name="reply">The message, with the client's number and spelling; empty where no server helped.</param>
/// <param name="rcode">Why not.</param>
internal delegate void ForwardedHandler(PendingQuestion question, ReadOnlySpan<byte> reply, int rcode);

/// <summary>
/// Asks other servers. Each question has a socket of its own, connected, on a port that the kernel chooses at random, and a random number: whoever
/// wants to slip an answer in has to guess both.
/// <code>
///   Begin ─► socket, connect, send ─► an answer that fits ─► done
///              ▲                        │ a failure, a refusal, 2 s of silence
///              └──── the next server ◄──┘ (all twice where they are silent), else done without
///   an answer by UDP that was cut ─► the same server by TCP, once ─► done with the whole, or the cut one where that does not come or fit
/// </code>
/// </summary>
internal sealed class Forwarder(Poller poller, NamespaceSwitch network, INameSource names, ForwardedHandler done) : IDisposable
{
    /// <summary>The most questions that wait at once; the oldest goes for a new one.</summary>
    public const int MaxWaiting = 512;

    /// <summary>How long a server is waited for, in milliseconds.</summary>
    public const int PatienceMs = 2000;

    /// <summary>The most questions that are asked by TCP at once because their answers by UDP were cut; of others those are passed on. Each may take 64 KiB.</summary>
    public const int MaxRetries = 64;

    private const int MaxRounds = 2;
    private const int KeptPlaces = 8;
    private const int RepliesPerTurn = 4;

    private readonly List<PendingQuestion> _places = [];
    private readonly byte[] _datagram = new byte[DnsCodes.LargestDatagram];
    private readonly byte[] _random = new byte[64];
    private int _randomLeft;
    private int _active;
    private int _retries;
    private ulong _order;

    /// <summary>How many questions wait.</summary>
    public int Waiting => _active;

    /// <summary>Asks for a client.</summary>
    public void Begin(in DnsQuery query, in Client client)
    {
        int slot = FreePlace();
        PendingQuestion question = _places[slot];
        if (question.Buffer.Length < PendingQuestion.LengthBytes + query.Message.Length)
            question.Buffer = new byte[PendingQuestion.LengthBytes + query.Message.Length];
        (question.Length, question.QuestionEnd, question.Client, question.ClientId) = (query.Message.Length, query.QuestionEnd, client, query.Id);
        (question.Order, question.Tries, question.Rcode, question.IsActive) = (++_order, 0, DnsCodes.ServerFailure, true);
        (question.IsStream, question.Cut, question.Limit) = (client.IsStream, null, query.DatagramLimit);
        query.Message.CopyTo(question.Message);
        BinaryPrimitives.WriteUInt16BigEndian(question.Buffer, (ushort)query.Message.Length);
        if (query.UdpSize > DnsCodes.LargestDatagram)
            BinaryPrimitives.WriteUInt16BigEndian(question.Message[query.UdpSizeAt..], DnsCodes.LargestDatagram);
        _active++;
        Ask(slot);
    }

    /// <summary>Something has come, or a connection is there.</summary>
    public void Advance(int slot, ushort generation, uint events)
    {
        PendingQuestion question = slot < _places.Count ? _places[slot] : null!;
        if (question is not { Socket: not null } || question.Generation != generation)
            return;
        if (question.IsStream)
            AdvanceStream(slot, question, events);
        else
            ReceiveDatagrams(slot, question);
    }

    /// <summary>Gives up on servers that are silent.</summary>
    public void Expire(long now)
    {
        for (int i = 0; i < _places.Count; i++)
        {
            if (!_places[i].IsActive)
                continue;
            if (now >= _places[i].Deadline)
                Next(i, wasSilent: true);
            else
                poller.WakeBy(_places[i].Deadline);
        }
        if (_active == 0 && _places.Count > KeptPlaces)
            _places.RemoveRange(KeptPlaces, _places.Count - KeptPlaces); // what a flood has left
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        foreach (PendingQuestion question in _places)
            question.Socket?.Dispose();
    }

    private int FreePlace()
    {
        if (_active == _places.Count && _places.Count < MaxWaiting)
        {
            _places.Add(new PendingQuestion());
            return _places.Count - 1;
        }
        int oldest = 0;
        for (int i = 0; i < _places.Count; i++)
        {
            if (!_places[i].IsActive)
                return i;
            if (_places[i].Order < _places[oldest].Order)
                oldest = i;
        }
        return Replace(oldest);
    }

    // Its client is told when the place is another's already: an answer may bring the next question of the same connection at once.
    private int Replace(int slot)
    {
        PendingQuestion old = _places[slot];
        _places[slot] = new PendingQuestion { Generation = old.Generation, IsActive = true, Order = ++_order };
        done(old, End(old), DnsCodes.ServerFailure);
        return slot;
    }

    private void Ask(int slot)
    {
        PendingQuestion question = _places[slot];
        for (; question.Tries < names.Servers.Count * MaxRounds; question.Tries++)
        {
            if (TrySend(slot, question, names.Servers[question.Tries % names.Servers.Count]))
                return;
            if (question.Tries + 1 >= names.Servers.Count)
                break;
        }
        Finish(slot, default, question.Rcode);
    }

    private void Next(int slot, bool wasSilent)
    {
        PendingQuestion question = _places[slot];
        if (question.Cut is not null)
        {
            Finish(slot, default, question.Rcode);
            return;
        }
        Close(question);
        question.Tries++;
        // What was refused once would be refused again; what was lost on the way may arrive.
        if (question.Tries < names.Servers.Count || (wasSilent && question.Tries < names.Servers.Count * MaxRounds))
            Ask(slot);
        else
            Finish(slot, default, question.Rcode);
    }

    private bool TrySend(int slot, PendingQuestion question, NameServer server)
    {
        bool isStream = question.IsStream;
        question.Id = NextId();
        question.Generation++;
        BinaryPrimitives.WriteUInt16BigEndian(question.Message, question.Id);
        (question.Received, question.IsSent) = (0, !isStream);
        network.Enter(inside: !server.FromHost);
        int fd = Sys.socket(SocketName.FamilyOf(server.EndPoint.Address), (isStream ? SOCK.STREAM : SOCK.DGRAM) | SOCK.NONBLOCK, 0);
        if (fd < 0)
            return false; // no descriptor is free, or the kernel does not have the family
        question.Socket = new OwnedFd(fd);
        SocketName address = SocketName.Of(server.EndPoint.Address, server.EndPoint.Port);
        int connected = Sys.connect(fd, address.Bytes);
        bool isOnItsWay = isStream
            ? connected == 0 || Sys.Is(connected, Errno.EINPROGRESS)
            : connected == 0 && Sys.send(fd, question.Message, MSG.DONTWAIT | MSG.NOSIGNAL) == question.Length;
        if (!isOnItsWay)
        {
            Close(question);
            return false;
        }
        question.Deadline = Environment.TickCount64 + PatienceMs;
        poller.WakeBy(question.Deadline);
        poller.Add(question.Socket, isStream ? EPOLL.OUT : EPOLL.IN, Watched.Forward, slot, question.Generation);
        return true;
    }

    private void ReceiveDatagrams(int slot, PendingQuestion question)
    {
        for (int i = 0; i < RepliesPerTurn; i++)
        {
            nint got = Sys.recv(question.Socket!.Value, _datagram, MSG.DONTWAIT);
            if (Sys.Is(got, Errno.EAGAIN) || Sys.Is(got, Errno.EINTR))
                return;
            if (got < 0)
            {
                Next(slot, wasSilent: false); // nobody listens there
                return;
            }
            if (TryTake(slot, question, _datagram.AsSpan(0, (int)got)))
                return;
        }
    }

    private void AdvanceStream(int slot, PendingQuestion question, uint events)
    {
        if (!question.IsSent)
        {
            int length = PendingQuestion.LengthBytes + question.Length;
            if ((events & (EPOLL.ERR | EPOLL.HUP)) != 0 || Sys.send(question.Socket!.Value, question.Buffer.AsSpan(0, length), MSG.DONTWAIT | MSG.NOSIGNAL) != length)
            {
                Next(slot, wasSilent: false);
                return;
            }
            question.IsSent = true;
            poller.Change(question.Socket, EPOLL.IN, Watched.Forward, slot, question.Generation);
            return;
        }
        question.Stream ??= new byte[PendingQuestion.LengthBytes + DnsCodes.PlainSize];
        nint got = Sys.recv(question.Socket!.Value, question.Stream.AsSpan(question.Received), MSG.DONTWAIT);
        if (Sys.Is(got, Errno.EAGAIN) || Sys.Is(got, Errno.EINTR))
            return;
        if (got <= 0)
        {
            Next(slot, wasSilent: false);
            return;
        }
        question.Received += (int)got;
        if (question.Received < PendingQuestion.LengthBytes)
            return;
        int whole = PendingQuestion.LengthBytes + BinaryPrimitives.ReadUInt16BigEndian(question.Stream);
        if (question.Received < whole)
        {
            if (question.Stream.Length < whole)
                Array.Resize(ref question.Stream, whole);
            return;
        }
        if (!TryTake(slot, question, question.Stream.AsSpan(PendingQuestion.LengthBytes, whole - PendingQuestion.LengthBytes)))
            Next(slot, wasSilent: false);
    }

    // False where it is no answer to this question.
    private bool TryTake(int slot, PendingQuestion question, Span<byte> reply)
    {
        if (!ServerReply.Matches(reply, question.Id, question.Question))
            return false;
        question.Rcode = ServerReply.Rcode(reply);
        if (question.Rcode is DnsCodes.ServerFailure or DnsCodes.Refused or DnsCodes.NotImplemented)
        {
            Next(slot, wasSilent: false);
            return true;
        }
        BinaryPrimitives.WriteUInt16BigEndian(reply, question.ClientId);
        question.Question.CopyTo(reply[DnsCodes.HeaderLength..]);
        if (ServerReply.IsTruncated(reply) && !question.IsStream && RetriesByStream(slot, question, reply))
            return true;
        Finish(slot, reply, question.Rcode);
        return true;
    }

    private void Finish(int slot, ReadOnlySpan<byte> reply, int rcode)
    {
        PendingQuestion question = _places[slot];
        question.IsActive = false;
        byte[]? cut = End(question);
        done(question, cut is not null && (reply.IsEmpty || reply.Length > question.Limit) ? cut : reply, rcode);
    }

    private byte[]? End(PendingQuestion question)
    {
        byte[]? cut = question.Cut;
        Close(question);
        question.Stream = question.Cut = null;
        _active--;
        if (cut is not null)
            _retries--;
        BinaryPrimitives.WriteUInt16BigEndian(question.Message, question.ClientId);
        return cut;
    }

    // Of the same server, which has it. False where the cut answer is all that there is.
    private bool RetriesByStream(int slot, PendingQuestion question, ReadOnlySpan<byte> cut)
    {
        if (_retries >= MaxRetries || names.Servers.Count == 0)
            return false;
        Close(question);
        (question.IsStream, question.Cut) = (true, cut.ToArray());
        _retries++;
        if (!TrySend(slot, question, names.Servers[question.Tries % names.Servers.Count]))
            Finish(slot, default, question.Rcode);
        return true;
    }

    private static void Close(PendingQuestion question)
    {
        question.Socket?.Dispose();
        question.Socket = null;
    }

    private ushort NextId()
    {
        if (_randomLeft < sizeof(ushort))
        {
            LinuxException.ThrowIfError(Sys.getrandom(_random), "getrandom");
            _randomLeft = _random.Length;
        }
        _randomLeft -= sizeof(ushort);
        return BinaryPrimitives.ReadUInt16LittleEndian(_random.AsSpan(_randomLeft));
    }
}

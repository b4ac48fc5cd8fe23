using Rundlet.Dns.Names;
using Rundlet.Dns.Wire;
using Rundlet.Linux;
using Rundlet.Syscalls;

namespace Rundlet.Dns.Serving;

// What belongs in this folder: the resolver at work. One thread, no waiting: whoever runs it watches one fd and gives it turns.
//
//   DatagramServer, ConnectionServer ──► Resolver ──► names of our own (Names/), AnswerCache
//                        ▲                  │
//                        └── an answer ◄────┴──► Forwarder ──► other servers

/// <summary>
/// A DNS server for names of containers: answers what it knows, asks others for the rest. All that a flood of questions costs is the turns of
/// whoever runs it, and each of those is short.
/// </summary>
public sealed class Resolver : IDisposable
{
    /// <summary>For how many seconds a container's name may be kept by who asked. Short: docker's 600 outlive many a container.</summary>
    public const uint TimeToLive = 5;

    private const int LargestOwnAnswer = 16 << 10; // bytes, by TCP

    private readonly Poller _poller = new();
    private readonly NamespaceSwitch _network;
    private readonly INameSource _names;
    private readonly DatagramServer _datagrams;
    private readonly ConnectionServer _connections;
    private readonly Forwarder _forwarder;
    private readonly AnswerCache _cache = new();
    private readonly List<NamedContainer> _found = [];
    private readonly byte[] _answer = new byte[LargestOwnAnswer];
    private int _turn;
    private int _generation;

    internal Resolver(INameSource names, ResolverSockets sockets, NamespaceSwitch network)
    {
        (_names, _network) = (names, network);
        _datagrams = new DatagramServer(sockets.Datagrams, Handle);
        _connections = new ConnectionServer(_poller, sockets.Connections, Handle);
        _forwarder = new Forwarder(_poller, network, names, Forwarded);
        _poller.Add(sockets.Datagrams, EPOLL.IN, Watched.Datagrams, 0, 0);
    }

    /// <summary>A container's resolver.</summary>
    /// <param name="runFolder">The container's run folder, with <see cref="ResolverConfig"/>.</param>
    /// <param name="runs">Whether a container runs, by its id.</param>
    /// <param name="sockets">Where it answers, inside the container's network; the resolver's from now on.</param>
    /// <param name="network">The way there; the resolver's from now on.</param>
    /// <exception cref="LinuxException">The kernel refused.</exception>
    public static Resolver OfContainer(string runFolder, Predicate<string> runs, ResolverSockets sockets, NamespaceSwitch network) =>
        new(new ContainerNames(runFolder, runs), sockets, network);

    /// <summary>A resolver of all containers, for the host.</summary>
    /// <param name="networksFolder">Where each network has its folder.</param>
    /// <param name="nameOf">The name of a network by its folder's; null where it has none any more.</param>
    /// <param name="runs">Whether a container runs, by its id.</param>
    /// <param name="sockets">Where it answers; the resolver's from now on.</param>
    /// <exception cref="LinuxException">The kernel refused.</exception>
    public static Resolver OfHost(string networksFolder, Func<string, string?> nameOf, Predicate<string> runs, ResolverSockets sockets) =>
        new(new HostNames(networksFolder, nameOf, runs), sockets, new NamespaceSwitch());

    /// <summary>Can be read when it wants a turn.</summary>
    public OwnedFd Fd => _poller.Fd;

    /// <summary>How many questions wait for other servers.</summary>
    public int Waiting => _forwarder.Waiting;

    /// <summary>Does what there is to do, but not too much of it: what is left makes the fd readable again.</summary>
    /// <exception cref="LinuxException">The kernel refused; the next turn may succeed.</exception>
    public void Turn()
    {
        Span<epoll_event> events = stackalloc epoll_event[32];
        try
        {
            foreach (epoll_event item in events[.._poller.Take(events)])
                Advance(item);
        }
        finally
        {
            _network.Return();
        }
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _forwarder.Dispose();
        _connections.Dispose();
        _datagrams.Dispose();
        _network.Dispose();
        _poller.Dispose();
    }

    private void Advance(epoll_event item)
    {
        (Watched what, int slot, ushort generation) = Poller.Read(item);
        switch (what)
        {
            case Watched.Datagrams:
                _datagrams.Turn();
                break;
            case Watched.Listener:
                _connections.Accept();
                break;
            case Watched.Connection:
                _connections.Advance(slot, generation, item.events);
                break;
            case Watched.Forward:
                _forwarder.Advance(slot, generation, item.events);
                break;
            default:
                _poller.Expire();
                long now = Environment.TickCount64;
                _forwarder.Expire(now);
                _connections.Expire(now);
                break;
        }
    }

    private void Handle(ReadOnlySpan<byte> message, in Client client)
    {
        switch (DnsQuery.Read(message, out DnsQuery query))
        {
            case QueryVerdict.Good:
                Answer(query, client);
                break;
            case QueryVerdict.FormatError:
                Reply(query, client, DnsCodes.FormatError);
                break;
            case QueryVerdict.NotImplemented:
                Reply(query, client, DnsCodes.NotImplemented);
                break;
            default:
                if (client.IsStream)
                    _connections.Refuse(client);
                break;
        }
    }

    private void Answer(in DnsQuery query, in Client client)
    {
        Refresh();
        if (query.EdnsVersion != 0)
        {
            Reply(query, client, DnsCodes.BadVersion);
            return;
        }
        if (query.Type is DnsCodes.AXFR or DnsCodes.IXFR)
        {
            Reply(query, client, DnsCodes.Refused);
            return;
        }
        Span<byte> room = stackalloc byte[WireName.MaxLength];
        int length = query.Class is DnsCodes.ClassIn or DnsCodes.ClassAny ? WireName.ToText(query.Name, room) : -1;
        ReadOnlySpan<byte> text = length > 0 ? room[..length] : default;
        if (!text.IsEmpty && (TryAnswerName(query, client, text) || (query.Type == DnsCodes.PTR && TryAnswerAddress(query, client, text))))
            return;
        if (_names.IsAll || (!text.IsEmpty && !text.Contains((byte)'.') && !_names.ForwardsSingleLabels && query.Type is DnsCodes.A or DnsCodes.AAAA))
        {
            Reply(query, client, DnsCodes.NameError);
            return;
        }
        int limit = LimitOf(query, client);
        if (AnswerCache.Takes(query) && _cache.Find(query, limit, Environment.TickCount64, _answer) is > 0 and int kept)
            Send(client, _answer.AsSpan(0, kept));
        else
            _forwarder.Begin(query, client);
    }

    // For each question, when it is here: who asks behind a change must see it, and the one before may be of a moment earlier.
    private void Refresh()
    {
        _names.Refresh();
        if (_generation != _names.Generation)
            _cache.Clear();
        _generation = _names.Generation;
    }

    // A container's name is nobody else's: what it does not have of what was asked for, it has not.
    private bool TryAnswerName(in DnsQuery query, in Client client, ReadOnlySpan<byte> text)
    {
        _found.Clear();
        foreach (NetworkZone zone in _names.Zones)
        {
            zone.Find(text, _found);
            if (_found.Count > 0)
                break;
        }
        for (int i = 0; i < _names.Zones.Count && _found.Count == 0; i++)
        {
            NetworkZone zone = _names.Zones[i];
            int length = text.Length - zone.Name.Length - 1;
            if (length > 0 && text[length] == '.' && text[(length + 1)..].SequenceEqual(zone.Name))
                zone.Find(text[..length], _found);
        }
        if (_found.Count == 0)
            return false;
        AnswerWriter writer = new(_answer, query, LimitOf(query, client), DnsCodes.NoError);
        int first = _found.Count > 1 ? (int)((uint)_turn++ % (uint)_found.Count) : 0;
        for (int i = 0; i < _found.Count; i++)
        {
            NamedContainer container = _found[(first + i) % _found.Count];
            if (query.Type is DnsCodes.A or DnsCodes.ANY)
                AddAll(ref writer, container.Ipv4, 4);
            if (query.Type is DnsCodes.AAAA or DnsCodes.ANY)
                AddAll(ref writer, container.Ipv6, 16);
        }
        Send(client, _answer.AsSpan(0, writer.Finish()));
        return true;
    }

    private bool TryAnswerAddress(in DnsQuery query, in Client client, ReadOnlySpan<byte> text)
    {
        Span<byte> address = stackalloc byte[16];
        int length = WireName.ReadReverse(text, address);
        if (length == 0)
            return false;
        foreach (NetworkZone zone in _names.Zones)
        {
            if (zone.TryFind(address[..length]) is not { Names.Length: > 0 } container)
                continue;
            Span<byte> name = stackalloc byte[WireName.MaxLength];
            int put = WireName.FromText([.. container.Names[0], (byte)'.', .. zone.Name], name);
            AnswerWriter writer = new(_answer, query, LimitOf(query, client), DnsCodes.NoError);
            if (put > 0)
                writer.Add(DnsCodes.PTR, name[..put], TimeToLive);
            Send(client, _answer.AsSpan(0, writer.Finish()));
            return true;
        }
        return false;
    }

    private static void AddAll(ref AnswerWriter writer, ReadOnlySpan<byte> addresses, int length)
    {
        for (; addresses.Length >= length; addresses = addresses[length..])
            writer.Add(addresses[..length], TimeToLive);
    }

    private void Forwarded(PendingQuestion question, ReadOnlySpan<byte> reply, int rcode)
    {
        if (DnsQuery.Read(question.Message, out DnsQuery query) != QueryVerdict.Good)
            return; // it was read before
        if (reply.IsEmpty)
        {
            Reply(query, question.Client, rcode);
            return;
        }
        if (AnswerCache.Takes(query))
            _cache.Keep(query, reply, Environment.TickCount64);
        if (question.Client.IsStream || reply.Length <= query.DatagramLimit)
        {
            Send(question.Client, reply);
            return;
        }
        AnswerWriter writer = new(_answer, query, query.DatagramLimit, rcode);
        writer.Truncate();
        Send(question.Client, _answer.AsSpan(0, writer.Finish()));
    }

    private void Reply(in DnsQuery query, in Client client, int rcode)
    {
        AnswerWriter writer = new(_answer, query, LimitOf(query, client), rcode);
        Send(client, _answer.AsSpan(0, writer.Finish()));
    }

    private static int LimitOf(in DnsQuery query, in Client client) => client.IsStream ? LargestOwnAnswer : query.DatagramLimit;

    private void Send(in Client client, ReadOnlySpan<byte> answer)
    {
        if (client.IsStream)
            _connections.Send(client, answer);
        else
            _datagrams.Send(client.Address, answer);
    }
}

using System.Runtime.InteropServices;

namespace Rundlet.Linux.Netlink.Route;

/// <summary>Counters of an interface since it was made: the first eight of struct rtnl_link_stats64 in linux/if_link.h.</summary>
/// <param name="ReceivedPackets">Packets that came in.</param>
/// <param name="SentPackets">Packets that went out.</param>
/// <param name="ReceivedBytes">Bytes that came in.</param>
/// <param name="SentBytes">Bytes that went out.</param>
/// <param name="ReceiveErrors">Packets that came in broken.</param>
/// <param name="SendErrors">Packets that could not be sent.</param>
/// <param name="ReceiveDropped">Packets that came in and were thrown away.</param>
/// <param name="SendDropped">Packets that were thrown away instead of being sent.</param>
public readonly record struct LinkStatistics(
    ulong ReceivedPackets,
    ulong SentPackets,
    ulong ReceivedBytes,
    ulong SentBytes,
    ulong ReceiveErrors,
    ulong SendErrors,
    ulong ReceiveDropped,
    ulong SendDropped)
{
    /// <summary>The same traffic seen from a veth's other end: what one end receives, the other has sent.</summary>
    public LinkStatistics OfPeer => new(SentPackets, ReceivedPackets, SentBytes, ReceivedBytes, SendErrors, ReceiveErrors, SendDropped, ReceiveDropped);

    internal static LinkStatistics Read(ReadOnlySpan<byte> value)
    {
        if (value.Length < 8 * sizeof(ulong))
            throw NetlinkMessage.Malformed();
        ReadOnlySpan<ulong> counters = MemoryMarshal.Cast<byte, ulong>(value);
        return new LinkStatistics(counters[0], counters[1], counters[2], counters[3], counters[4], counters[5], counters[6], counters[7]);
    }
}

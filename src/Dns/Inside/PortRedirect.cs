using Rundlet.Linux;
using Rundlet.Linux.Netlink.Netfilter;
using Rundlet.Syscalls;

namespace Rundlet.Dns.Inside;

// What belongs in this folder: how a resolver is reached from inside a container.

/// <summary>
/// Leads 127.0.0.11:53 in the current network namespace to another port and its answers back, so that port 53 stays free for a nameserver that
/// the container itself runs at all addresses. Two chains rewrite ports in passing; no connection is tracked for it.
/// <code>
///   output      (before connections are tracked)   to 127.0.0.11:53        ─► to PORT
///   postrouting (after that)                       from 127.0.0.11:PORT    ─► from 53
/// </code>
/// A container that tracks connections itself sees both ways between the client and PORT.
/// </summary>
internal static class PortRedirect
{
    private const string Table = "rundlet-names";
    private const ushort Wanted = 53;
    private const int BeforeTracking = -300, AfterTracking = 300;

    private static readonly byte[] s_protocols = [NftExpression.Udp, NftExpression.Tcp];

    /// <summary>Sets it up, in one step.</summary>
    /// <param name="address">Where clients ask: four bytes.</param>
    /// <param name="port">Where it is answered.</param>
    /// <param name="mayExist">Whether a supervisor before this one may have set it up, to another port.</param>
    /// <exception cref="LinuxException">The kernel refused; nothing was changed.</exception>
    public static void Install(ReadOnlySpan<byte> address, ushort port, bool mayExist)
    {
        using NftSocket socket = NftSocket.Open();
        NftTransaction change = new();
        if (mayExist && socket.HasTable(Table))
            change.DeleteTable(Table);
        change.AddTable(Table);
        change.AddBaseChain(Table, "ask", "filter", NF_INET.LOCAL_OUT, BeforeTracking, "names of other containers, from their supervisor");
        change.AddBaseChain(Table, "answer", "filter", NF_INET.POST_ROUTING, AfterTracking);
        byte[] server = address.ToArray();
        foreach (byte protocol in s_protocols)
        {
            change.AddRule(Table, "ask", "to the port where it is answered",
            [
                NftExpression.Family(), NftExpression.IsEqual(NFPROTO.IPV4), NftExpression.Ipv4Destination(), NftExpression.IsEqual(server),
                NftExpression.TransportProtocol(), NftExpression.IsEqual(protocol), NftExpression.DestinationPort(), NftExpression.IsEqual(PortBytes(Wanted)),
                NftExpression.Port(port), NftExpression.SetDestinationPort(protocol),
            ]);
            change.AddRule(Table, "answer", "from the port that was asked",
            [
                NftExpression.Family(), NftExpression.IsEqual(NFPROTO.IPV4), NftExpression.Ipv4Source(), NftExpression.IsEqual(server),
                NftExpression.TransportProtocol(), NftExpression.IsEqual(protocol), NftExpression.SourcePort(), NftExpression.IsEqual(PortBytes(port)),
                NftExpression.Port(Wanted), NftExpression.SetSourcePort(protocol),
            ]);
        }
        socket.Commit(change);
    }

    private static byte[] PortBytes(ushort port) => [(byte)(port >> 8), (byte)port];
}

using System.Buffers.Binary;
using System.Net;
using Rundlet.Syscalls;

namespace Rundlet.Linux.Netlink.Route;

public sealed partial class RouteSocket
{
    /// <summary>Addresses of one family: of one interface, or of all.</summary>
    /// <param name="family">One of <see cref="AF"/>.</param>
    /// <param name="linkIndex">The interface's number; 0 for all.</param>
    /// <exception cref="LinuxException">The kernel refused.</exception>
    public List<InterfaceAddress> ListAddresses(int family, int linkIndex = 0) => _socket.Dump(
        () =>
        {
            NetlinkBatch batch = new();
            using (batch.Message(RTM.GETADDR, NLM_F.DUMP, "list addresses"))
                batch.Put(new ifaddrmsg { ifa_family = (byte)family, ifa_index = (uint)linkIndex });
            return batch;
        },
        InterfaceAddress.Parse);

    /// <summary>Adds "give that interface an address" to a batch. For IPv4 the broadcast address is set as well; an IPv6 address is used at once (no DAD).</summary>
    public static void AddAddress(NetlinkBatch batch, int linkIndex, IPAddress address, int prefixLength)
    {
        using (batch.Message(RTM.NEWADDR, NLM_F.CREATE | NLM_F.EXCL | NLM_F.ACK, "add address", $"{address}/{prefixLength}"))
        {
            byte[] bytes = address.GetAddressBytes();
            batch.Put(new ifaddrmsg { ifa_family = Family(address), ifa_prefixlen = (byte)prefixLength, ifa_index = (uint)linkIndex, ifa_flags = bytes.Length == 16 ? (byte)IFA.F_NODAD : (byte)0 });
            batch.Raw(IFA.LOCAL, bytes);
            batch.Raw(IFA.ADDRESS, bytes);
            if (bytes.Length == 4 && prefixLength < 31)
            {
                uint hostBits = uint.MaxValue >> prefixLength;
                uint value = BinaryPrimitives.ReadUInt32BigEndian(bytes);
                BinaryPrimitives.WriteUInt32BigEndian(bytes, value | hostBits);
                batch.Raw(IFA.BROADCAST, bytes);
            }
        }
    }
}

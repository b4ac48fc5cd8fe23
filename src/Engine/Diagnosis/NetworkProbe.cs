using System.Buffers.Binary;
using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using System.Text;
using Rundlet.Linux;
using Rundlet.Linux.Netlink;
using Rundlet.Syscalls;

namespace Rundlet.Engine.Diagnosis;

/// <summary>Packets sent from inside a container's network namespace, to see what comes back. Nothing of the container is run.</summary>
internal sealed class NetworkProbe(OwnedFd networkNamespace)
{
    private const int WaitMilliseconds = 1000;
    private const int Icmp = 1, EchoRequest = 8, EchoReply = 0, IpHeader = 20, IcmpHeader = 8;
    private const int Icmp6 = 58, EchoRequest6 = 128, EchoReply6 = 129;
    private const int DnsPort = 53, DnsHeader = 12, LargestAnswer = 1500;
    private const ushort Query = 0x0100; // recursion desired, RFC 1035

    /// <summary>Whether an address answers a ping (RFC 792, RFC 4443) within a second.</summary>
    /// <exception cref="LinuxException">No route, or the kernel refused.</exception>
    public bool Answers(IPAddress address)
    {
        bool isIpv6 = address.AddressFamily == AddressFamily.InterNetworkV6;
        using OwnedFd socket = Open(address, SOCK.RAW, isIpv6 ? Icmp6 : Icmp);
        // IPv4 gives its own header along; of IPv6 the kernel makes the checksum.
        int at = isIpv6 ? 0 : IpHeader;
        byte reply = isIpv6 ? (byte)EchoReply6 : (byte)EchoReply;
        ushort mark = (ushort)Random.Shared.Next(1, ushort.MaxValue);
        byte[] request = new byte[IcmpHeader];
        request[0] = isIpv6 ? (byte)EchoRequest6 : (byte)EchoRequest;
        BinaryPrimitives.WriteUInt16BigEndian(request.AsSpan(4), mark);
        if (!isIpv6)
            BinaryPrimitives.WriteUInt16BigEndian(request.AsSpan(2), Checksum(request));
        Send(socket, request, address, 0);
        return Await(socket, answer => answer.Length >= at + IcmpHeader && answer[at] == reply && BinaryPrimitives.ReadUInt16BigEndian(answer.AsSpan(at + 4)) == mark);
    }

    /// <summary>Whether a nameserver answers a question within a second, whatever the answer is.</summary>
    /// <exception cref="LinuxException">No route, or nobody listens there.</exception>
    public bool AnswersName(IPAddress server, string name)
    {
        using OwnedFd socket = Open(server, SOCK.DGRAM, 0);
        ushort id = (ushort)Random.Shared.Next(1, ushort.MaxValue);
        byte[] question = Question(id, name);
        // Connected, so that "nobody listens" comes back as an error.
        LinuxException.ThrowIfError(Sys.connect(socket.Value, SocketName.Of(server, DnsPort).Bytes), "ask", server.ToString());
        Send(socket, question, null, 0);
        return Await(socket, answer => answer.Length >= DnsHeader && BinaryPrimitives.ReadUInt16BigEndian(answer) == id);
    }

    private OwnedFd Open(IPAddress address, int type, int protocol) => NetworkNamespace.Run(
        networkNamespace, () => OwnedFd.FromAnswer(Sys.socket(SocketName.FamilyOf(address), type, protocol), "socket"));

    private static void Send(OwnedFd socket, byte[] packet, IPAddress? address, int port)
    {
        SocketName name = address is null ? default : SocketName.Of(address, port);
        nint sent = Sys.sendto(socket.Value, packet, 0, address is null ? [] : name.Bytes);
        LinuxException.ThrowIfError(sent, "send to", address?.ToString() ?? "nameserver");
    }

    private static bool Await(OwnedFd socket, Predicate<byte[]> isAnswer)
    {
        byte[] buffer = new byte[LargestAnswer];
        long began = Stopwatch.GetTimestamp();
        while (WaitMilliseconds - Stopwatch.GetElapsedTime(began).TotalMilliseconds is > 0 and double left)
        {
            Span<pollfd> fds = [new pollfd { fd = socket.Value, events = POLL.IN }];
            if (Sys.poll(fds, (int)left + 1) <= 0)
                continue; // nothing yet, or a signal
            nint got = Sys.recv(socket.Value, buffer, 0);
            LinuxException.ThrowIfError(got, "receive");
            if (isAnswer(buffer[..(int)got]))
                return true;
        }
        return false;
    }

    private static byte[] Question(ushort id, string name)
    {
        List<byte> bytes = [(byte)(id >> 8), (byte)id, Query >> 8, Query & 0xFF, 0, 1, 0, 0, 0, 0, 0, 0];
        foreach (string label in name.Split('.', StringSplitOptions.RemoveEmptyEntries))
        {
            byte[] text = Encoding.ASCII.GetBytes(label);
            bytes.Add((byte)text.Length);
            bytes.AddRange(text);
        }
        bytes.AddRange([0, 0, 1, 0, 1]); // the root, type A, class IN
        return [.. bytes];
    }

    private static ushort Checksum(ReadOnlySpan<byte> packet)
    {
        uint sum = 0;
        for (int i = 0; i + 1 < packet.Length; i += 2)
            sum += BinaryPrimitives.ReadUInt16BigEndian(packet[i..]);
        sum = (sum & 0xFFFF) + (sum >> 16);
        return (ushort)~(sum + (sum >> 16));
    }
}

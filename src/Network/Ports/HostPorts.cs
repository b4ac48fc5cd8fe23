using System.Buffers.Binary;
using System.Net;
using System.Net.Sockets;
using Rundlet.Linux;
using Rundlet.Syscalls;

namespace Rundlet.Network.Ports;

/// <summary>Finds a host port for each request: not published by us, and not in use by another program.</summary>
internal static class HostPorts
{
    // The dynamic ports of RFC 6335.
    private const int FirstDynamic = 49152;
    private const int DynamicCount = 65536 - FirstDynamic;
    private const int DynamicAttempts = 256;

    private const int Ipv6 = 41; // IPPROTO_IPV6, the level of its socket options, ipv6(7)
    private const int Ipv6Only = 26; // IPV6_V6ONLY

    /// <summary>Chooses the host ports; nothing is reserved by that.</summary>
    /// <param name="requests">What is wanted.</param>
    /// <param name="target">Where to.</param>
    /// <param name="published">What is published already.</param>
    /// <exception cref="ContainerException">
    /// Conflict: a port is taken; InvalidArgument: the address is not the host's; Unsupported: the container has no address of that family.
    /// </exception>
    public static List<PublishedPort> Choose(IReadOnlyList<PortRequest> requests, PortTarget target, IReadOnlyList<PublishedPort> published)
    {
        List<PublishedPort> chosen = [];
        foreach (PortRequest request in requests)
            chosen.AddRange(ChooseOne(request, PlacesOf(request, target), published, chosen));
        return chosen;
    }

    // The request once for each family that it is for, with any host port.
    private static List<PublishedPort> PlacesOf(PortRequest request, PortTarget target)
    {
        IPAddress? at = request.HostAddress ?? target.HostBinding;
        List<PublishedPort> places = [];
        if (at is null ? target.Address is not null : at.AddressFamily == AddressFamily.InterNetwork)
            places.Add(Place(IPAddress.Any, target.Address));
        if (at is null ? target.Address6 is not null : at.AddressFamily == AddressFamily.InterNetworkV6)
            places.Add(Place(IPAddress.IPv6Any, target.Address6));
        return places;

        PublishedPort Place(IPAddress all, IPAddress? inside) => new(
            request.Protocol, at is null || at.Equals(all) ? null : at, request.FirstHostPort,
            inside ?? throw new ContainerException(ContainerErrorKind.Unsupported, $"cannot publish a port on '{at}': the container has no address of that family"),
            request.ContainerPort, target.ContainerId)
        {
            Count = request.Count,
        };
    }

    private static IEnumerable<PublishedPort> ChooseOne(
        PortRequest request, List<PublishedPort> places, IReadOnlyList<PublishedPort> published, List<PublishedPort> chosen)
    {
        bool isDynamic = request.FirstHostPort == 0;
        int first = isDynamic ? FirstDynamic : request.FirstHostPort;
        int count = isDynamic ? DynamicCount : request.LastHostPort - request.FirstHostPort + 1;
        int start = isDynamic ? Random.Shared.Next(count) : 0;
        (PublishedPort Port, string Owner)? taken = null;
        for (int i = 0; i < (isDynamic ? DynamicAttempts : count); i++)
        {
            ushort port = (ushort)(first + ((start + i) % count));
            List<PublishedPort> here = places.ConvertAll(place => place with { HostPort = port });
            taken = FindTaken(here, published, chosen);
            if (taken is null)
                return here;
        }
        if (count == 1)
            throw Taken(taken!.Value.Port, taken.Value.Owner);
        throw new ContainerException(ContainerErrorKind.Conflict, isDynamic
            ? $"no free host port found for container port {request.ContainerPort}"
            : $"all host ports from {request.FirstHostPort} to {request.LastHostPort} are already taken");
    }

    private static (PublishedPort Port, string Owner)? FindTaken(
        List<PublishedPort> wanted, IReadOnlyList<PublishedPort> published, List<PublishedPort> chosen)
    {
        foreach (PublishedPort port in wanted)
        {
            PublishedPort? rival = published.FirstOrDefault(port.Overlaps) ?? chosen.Find(port.Overlaps);
            if (rival is not null)
                return (port with { HostPort = Math.Max(port.HostPort, rival.HostPort) }, $"container '{rival.ContainerId}'");
            foreach (PublishedPort single in port.Expand())
            {
                if (IsInUse(single))
                    return (single, "another program");
            }
        }
        return null;
    }

    private static ContainerException Taken(PublishedPort port, string owner)
    {
        string place = port.HostAddress is null ? "" : port.IsIpv6 ? $"[{port.HostAddress}]:" : $"{port.HostAddress}:";
        string protocol = port.Protocol.ToString().ToLowerInvariant();
        return new ContainerException(ContainerErrorKind.Conflict, $"port {place}{port.HostPort}/{protocol} is already taken by {owner}");
    }

    // Whether another program has the port: then a socket of ours cannot be bound to it.
    private static bool IsInUse(PublishedPort port)
    {
        bool isUdp = port.Protocol == PortProtocol.Udp;
        int answer = Sys.socket(port.IsIpv6 ? AF.INET6 : AF.INET, isUdp ? SOCK.DGRAM : SOCK.STREAM, (int)port.Protocol);
        if (Sys.Is(answer, Errno.EPROTONOSUPPORT) || Sys.Is(answer, Errno.EAFNOSUPPORT))
            return false; // the kernel has no SCTP, or no IPv6, of its own, so no program can have the port
        using OwnedFd socket = OwnedFd.FromAnswer(answer, "socket");
        // With this, old TCP connections that time out do not count, listeners do. For UDP it would hide a rival.
        if (!isUdp)
            LinuxException.ThrowIfError(Sys.setsockopt(socket.Value, SOL.SOCKET, SO.REUSEADDR, 1), "setsockopt");
        if (port.IsIpv6)
            LinuxException.ThrowIfError(Sys.setsockopt(socket.Value, Ipv6, Ipv6Only, 1), "setsockopt");
        Span<byte> address = stackalloc byte[port.IsIpv6 ? 28 : 16]; // struct sockaddr_in6, struct sockaddr_in
        address.Clear();
        BitConverter.TryWriteBytes(address, (ushort)(port.IsIpv6 ? AF.INET6 : AF.INET));
        BinaryPrimitives.WriteUInt16BigEndian(address[2..], port.HostPort);
        port.HostAddress?.TryWriteBytes(address[(port.IsIpv6 ? 8 : 4)..], out _);
        int bound = Sys.bind(socket.Value, address);
        if (Sys.Is(bound, Errno.EADDRINUSE))
            return true;
        if (Sys.Is(bound, Errno.EADDRNOTAVAIL))
            throw new ContainerException(ContainerErrorKind.InvalidArgument, $"cannot publish a port on '{port.HostAddress}': not an address of this host");
        LinuxException.ThrowIfError(bound, "bind", $"port {port.HostPort}");
        return false;
    }
}

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

    /// <summary>Chooses the host ports; nothing is reserved by that.</summary>
    /// <param name="requests">What is wanted.</param>
    /// <param name="target">Where to.</param>
    /// <param name="published">What is published already.</param>
    /// <param name="listeners">Who listens where no rule can lead into a container.</param>
    /// <exception cref="ContainerException">
    /// Conflict: a port is taken; InvalidArgument: the address is not the host's; Unsupported: neither a rule nor a program can lead it into the container.
    /// </exception>
    public static List<PublishedPort> Choose(IReadOnlyList<PortRequest> requests, PortTarget target, IReadOnlyList<PublishedPort> published, PortListeners listeners)
    {
        List<PublishedPort> chosen = [];
        foreach (PortRequest request in requests)
        {
            int proxied = chosen.Concat(published).Where(port => port.IsProxied && port.ContainerId == target.ContainerId).Sum(static port => port.Count);
            chosen.AddRange(ChooseOne(request, PlacesOf(request, target, proxied, listeners.Most), published, chosen, listeners));
        }
        return chosen;
    }

    // The request once for each family that it is for, with any host port. Where no rule can lead into the container, a program listens.
    private static List<PublishedPort> PlacesOf(PortRequest request, PortTarget target, int proxied, int most)
    {
        IPAddress? at = request.HostAddress ?? target.HostBinding;
        List<PublishedPort> places = [];
        foreach (IPAddress all in (ReadOnlySpan<IPAddress>)[IPAddress.Any, IPAddress.IPv6Any])
        {
            bool isIpv6 = all.AddressFamily == AddressFamily.InterNetworkV6;
            if (at is not null && at.AddressFamily != all.AddressFamily)
                continue;
            IPAddress? inside = isIpv6 ? target.Address6 : target.Address;
            bool isProxied = request.ObeysHost || inside is null || at?.Equals(IPAddress.IPv6Loopback) == true;
            string? obstacle = isProxied ? ObstacleOf(request, isIpv6, proxied, most) : null;
            if (obstacle is not null && (at is not null || (request.ObeysHost && !isIpv6)))
                throw new ContainerException(ContainerErrorKind.Unsupported, $"cannot publish a port on '{at ?? all}': {obstacle}");
            if (obstacle is not null)
                continue;
            proxied += isProxied ? request.Count : 0;
            places.Add(new PublishedPort(
                request.Protocol, isProxied ? at ?? all : at is null || at.Equals(all) ? null : at, request.FirstHostPort, target.Of(isIpv6)!, request.ContainerPort, target.ContainerId)
            {
                Count = request.Count,
                IsProxied = isProxied,
            });
        }
        return places;
    }

    private static string? ObstacleOf(PortRequest request, bool isIpv6, int proxied, int most) =>
        request.Protocol == PortProtocol.Sctp ? "SCTP needs a rule of the kernel, which there is none for"
        : isIpv6 && !HasIpv6() ? "this host has no IPv6"
        : proxied + request.Count > most ? $"a container has at most {most} ports that need a program to listen"
        : null;

    /// <summary>Whether this host has ::1, and so IPv6 at all.</summary>
    public static bool HasIpv6()
    {
        int answer = Sys.socket(AF.INET6, SOCK.DGRAM, 0);
        if (answer < 0)
            return false;
        using OwnedFd socket = new(answer);
        return Sys.bind(socket.Value, SocketName.Of(IPAddress.IPv6Loopback, 0).Bytes) >= 0;
    }

    private static IEnumerable<PublishedPort> ChooseOne(
        PortRequest request, List<PublishedPort> places, IReadOnlyList<PublishedPort> published, List<PublishedPort> chosen, PortListeners listeners)
    {
        bool isDynamic = request.FirstHostPort == 0;
        int first = isDynamic ? FirstDynamic : request.FirstHostPort;
        int count = isDynamic ? DynamicCount : request.LastHostPort - request.FirstHostPort + 1;
        int start = isDynamic ? Random.Shared.Next(count) : 0;
        (PublishedPort Port, string? Owner)? taken = null;
        for (int i = 0; i < (isDynamic ? DynamicAttempts : count); i++)
        {
            ushort port = (ushort)(first + ((start + i) % count));
            List<PublishedPort> here = places.ConvertAll(place => place with { HostPort = port });
            taken = FindTaken(here, published, chosen);
            if (taken is null)
                return here;
        }
        if (count == 1)
            throw Taken(taken!.Value.Port, taken.Value.Owner ?? OwnerOf(taken.Value.Port, listeners));
        throw new ContainerException(ContainerErrorKind.Conflict, isDynamic
            ? $"no free host port found for container port {request.ContainerPort}"
            : $"all host ports from {request.FirstHostPort} to {request.LastHostPort} are already taken");
    }

    // Without an owner where a socket has the port.
    private static (PublishedPort Port, string? Owner)? FindTaken(
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
                    return (single, null);
            }
        }
        return null;
    }

    private static string OwnerOf(PublishedPort taken, PortListeners listeners) =>
        listeners.List().FirstOrDefault(taken.Overlaps) is { } port ? $"container '{port.ContainerId}'" : "another program";

    private static ContainerException Taken(PublishedPort port, string owner)
    {
        string place = port.IsAnywhere ? "" : port.IsIpv6 ? $"[{port.HostAddress}]:" : $"{port.HostAddress}:";
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
            LinuxException.ThrowIfError(Sys.setsockopt(socket.Value, IPPROTO.IPV6, IPV6.V6ONLY, 1), "setsockopt");
        IPAddress address = port.HostAddress ?? (port.IsIpv6 ? IPAddress.IPv6Any : IPAddress.Any);
        int bound = Sys.bind(socket.Value, SocketName.Of(address, port.HostPort).Bytes);
        if (Sys.Is(bound, Errno.EADDRINUSE))
            return true;
        if (Sys.Is(bound, Errno.EADDRNOTAVAIL))
            throw new ContainerException(ContainerErrorKind.InvalidArgument, $"cannot publish a port on '{port.HostAddress}': not an address of this host");
        LinuxException.ThrowIfError(bound, "bind", $"port {port.HostPort}");
        return false;
    }
}

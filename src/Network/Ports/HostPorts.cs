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

    /// <summary>Chooses the host ports; nothing is reserved by that.</summary>
    /// <param name="requests">What is wanted.</param>
    /// <param name="containerId">For whom.</param>
    /// <param name="containerAddress">Where to.</param>
    /// <param name="published">What is published already.</param>
    /// <exception cref="ContainerException">Conflict: a port is taken; InvalidArgument: the address is not the host's.</exception>
    public static List<PublishedPort> Choose(
        IReadOnlyList<PortRequest> requests, string containerId, IPAddress containerAddress, IReadOnlyList<PublishedPort> published)
    {
        List<PublishedPort> chosen = [];
        foreach (PortRequest request in requests)
        {
            if (request.HostAddress is { AddressFamily: not AddressFamily.InterNetwork })
                throw new ContainerException(ContainerErrorKind.Unsupported, $"cannot publish a port on '{request.HostAddress}': only IPv4 addresses");
            ushort port = ChooseOne(request, published, chosen);
            chosen.Add(new PublishedPort(request.Protocol, request.HostAddress, port, containerAddress, request.ContainerPort, containerId));
        }
        return chosen;
    }

    /// <summary>The one error for a port that is taken.</summary>
    public static ContainerException Taken(PortRequest request, ushort port, string owner)
    {
        string place = request.HostAddress is null ? "" : $"{request.HostAddress}:";
        string protocol = request.Protocol.ToString().ToLowerInvariant();
        return new ContainerException(ContainerErrorKind.Conflict, $"port {place}{port}/{protocol} is already taken by {owner}");
    }

    private static ushort ChooseOne(PortRequest request, IReadOnlyList<PublishedPort> published, List<PublishedPort> chosen)
    {
        bool isDynamic = request.FirstHostPort == 0;
        int first = isDynamic ? FirstDynamic : request.FirstHostPort;
        int count = isDynamic ? DynamicCount : request.LastHostPort - request.FirstHostPort + 1;
        int start = isDynamic ? Random.Shared.Next(count) : 0;
        string? owner = null;
        for (int i = 0; i < (isDynamic ? DynamicAttempts : count); i++)
        {
            ushort port = (ushort)(first + (start + i) % count);
            owner = OwnerOf(request, port, published) ?? OwnerOf(request, port, chosen) ?? (IsInUse(request, port) ? "another program" : null);
            if (owner is null)
                return port;
        }
        if (count == 1)
            throw Taken(request, request.FirstHostPort, owner!);
        throw new ContainerException(ContainerErrorKind.Conflict, isDynamic
            ? $"no free host port found for container port {request.ContainerPort}"
            : $"all host ports from {request.FirstHostPort} to {request.LastHostPort} are already taken");
    }

    private static string? OwnerOf(PortRequest request, ushort port, IReadOnlyList<PublishedPort> ports)
    {
        foreach (PublishedPort candidate in ports)
        {
            if (candidate.Overlaps(request.Protocol, request.HostAddress, port))
                return $"container '{candidate.ContainerId}'";
        }
        return null;
    }

    // Whether another program has the port: then a socket of ours cannot be bound to it.
    private static bool IsInUse(PortRequest request, ushort port)
    {
        bool isUdp = request.Protocol == PortProtocol.Udp;
        int answer = Sys.socket(AF.INET, isUdp ? SOCK.DGRAM : SOCK.STREAM, (int)request.Protocol);
        if (Sys.Is(answer, Errno.EPROTONOSUPPORT))
            return false; // the kernel has no SCTP of its own, so no program can have the port
        using OwnedFd socket = OwnedFd.FromAnswer(answer, "socket");
        // With this, old TCP connections that time out do not count, listeners do. For UDP it would hide a rival.
        if (!isUdp)
            LinuxException.ThrowIfError(Sys.setsockopt(socket.Value, SOL.SOCKET, SO.REUSEADDR, 1), "setsockopt");
        Span<byte> address = stackalloc byte[16];
        address.Clear();
        BitConverter.TryWriteBytes(address, (ushort)AF.INET);
        BinaryPrimitives.WriteUInt16BigEndian(address[2..], port);
        request.HostAddress?.TryWriteBytes(address[4..], out _);
        int bound = Sys.bind(socket.Value, address);
        if (Sys.Is(bound, Errno.EADDRINUSE))
            return true;
        if (Sys.Is(bound, Errno.EADDRNOTAVAIL))
            throw new ContainerException(ContainerErrorKind.InvalidArgument, $"cannot publish a port on '{request.HostAddress}': not an address of this host");
        LinuxException.ThrowIfError(bound, "bind", $"port {port}");
        return false;
    }
}

using System.Diagnostics;
using System.Runtime.InteropServices;
using Rundlet.Linux;
using Rundlet.Linux.Netlink.Route;
using Rundlet.Syscalls;

namespace Rundlet.Network.Tests;

/// <summary>Waits for interfaces to come or go, woken by the kernel's own messages about links (RTMGRP_LINK).</summary>
internal sealed class LinkWatch : IDisposable
{
    private const uint LinkGroup = 1;
    private const int Patience = 20_000; // ms

    private readonly OwnedFd _socket;
    private readonly RouteSocket _routes;

    private LinkWatch(OwnedFd socket, RouteSocket routes) => (_socket, _routes) = (socket, routes);

    public static LinkWatch Open()
    {
        OwnedFd socket = OwnedFd.FromAnswer(Sys.socket(AF.NETLINK, SOCK.RAW, NETLINK.ROUTE), "socket");
        sockaddr_nl address = new() { nl_family = AF.NETLINK, nl_groups = LinkGroup };
        LinuxException.ThrowIfError(Sys.bind(socket.Value, MemoryMarshal.AsBytes(new ReadOnlySpan<sockaddr_nl>(in address))), "bind");
        return new LinkWatch(socket, RouteSocket.Open());
    }

    public void WaitUntilThere(string name) => WaitUntil(name, isThere: true);

    public void WaitUntilGone(string name) => WaitUntil(name, isThere: false);

    private void WaitUntil(string name, bool isThere)
    {
        long end = Stopwatch.GetTimestamp() + Patience * (Stopwatch.Frequency / 1000);
        byte[] buffer = new byte[64 << 10];
        while (_routes.TryGetLink(name) is not null != isThere)
        {
            Assert.True(Stopwatch.GetTimestamp() < end, $"link '{name}' is {(isThere ? "not there" : "still there")}");
            Sys.poll([new pollfd { fd = _socket.Value, events = POLL.IN }], Patience);
            _ = Sys.recv(_socket.Value, buffer, MSG.DONTWAIT); // ignored: the link itself is looked at, not the message
        }
    }

    public void Dispose()
    {
        _routes.Dispose();
        _socket.Dispose();
    }
}

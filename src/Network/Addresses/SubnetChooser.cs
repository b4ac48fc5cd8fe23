using System.Net;
using System.Security.Cryptography;
using System.Text;
using Rundlet.Linux;
using Rundlet.Linux.Netlink.Route;
using Rundlet.Syscalls;

namespace Rundlet.Network.Addresses;

/// <summary>What this host has and routes by one family, and which subnets are free of it.</summary>
internal sealed class SubnetChooser
{
    private const int Attempts6 = 64; // one fails with a probability of 2 to the -40, unless the host routes all of fd00::/8
    private const byte UniqueLocal = 0xfd; // RFC 4193, the half of fc00::/7 that everybody may use

    private readonly List<InterfaceAddress> _addresses;
    private readonly List<RouteEntry> _routes;
    private readonly List<Link> _links;
    private readonly bool _isIpv6;

    private SubnetChooser(RouteSocket host, bool isIpv6, string? except)
    {
        int family = isIpv6 ? AF.INET6 : AF.INET;
        _isIpv6 = isIpv6;
        _links = host.ListLinks();
        int ignored = _links.Find(link => link.Name == except)?.Index ?? -1;
        _addresses = host.ListAddresses(family).FindAll(address => address.LinkIndex != ignored);
        _routes = host.ListRoutes(family).FindAll(route => route.LinkIndex != ignored && route.Destination is not null);
    }

    /// <summary>Looks at the host.</summary>
    /// <param name="host">The host.</param>
    /// <param name="isIpv6">By which family.</param>
    /// <param name="except">An interface that does not count, the network's own; null for none.</param>
    /// <exception cref="LinuxException">The kernel refused.</exception>
    public static SubnetChooser LookAt(RouteSocket host, bool isIpv6, string? except) => new(host, isIpv6, except);

    /// <summary>The first candidate that is free here.</summary>
    /// <param name="id">Whose subnet: IPv6's follow from it.</param>
    /// <param name="isTaken">Whether another network has it.</param>
    /// <exception cref="ContainerException">Unavailable: all collide.</exception>
    public Subnet Choose(string id, Predicate<Subnet> isTaken)
    {
        foreach (Subnet candidate in _isIpv6 ? Candidates6(id) : Candidates())
        {
            if (!isTaken(candidate) && !_addresses.Exists(address => candidate.Overlaps(address.Address, address.PrefixLength))
                && !_routes.Exists(route => Collides(candidate, route)))
            {
                return candidate;
            }
        }
        throw new ContainerException(ContainerErrorKind.Unavailable, "no free subnet: this host has or routes all candidates")
        {
            Hint = "name a subnet for the network",
        };
    }

    /// <summary>
    /// What of the host a wanted subnet is in the way of, in words; null for nothing. A wider route, such as a VPN's 10.0.0.0/8, is not:
    /// whoever names a subnet within it means to.
    /// </summary>
    public string? FindRival(Subnet wanted)
    {
        if (_addresses.Find(address => wanted.Overlaps(address.Address, address.PrefixLength)) is { } address)
            return $"address '{address.Address}/{address.PrefixLength}' of interface '{NameOf(address.LinkIndex)}'";
        return _routes.Find(route => route.PrefixLength >= wanted.PrefixLength && wanted.Overlaps(route.Destination!, route.PrefixLength)) is { } route
            ? $"route '{route.Destination}/{route.PrefixLength}' by interface '{NameOf(route.LinkIndex)}'"
            : null;
    }

    // Where networks get their subnets unless told otherwise, first choice first.
    private static IEnumerable<Subnet> Candidates()
    {
        for (int second = 30; second <= 31; second++)
            yield return Subnet.Parse($"172.{second}.0.0/16");
        for (int second = 160; second < 192; second++)
            yield return Subnet.Parse($"10.{second}.0.0/16");
        for (int third = 128; third < 256; third++)
            yield return Subnet.Parse($"192.168.{third}.0/24");
    }

    // Local subnets whose 40 bits of chance (RFC 4193) and number follow from the network's id, so that it gets the same again.
    private static IEnumerable<Subnet> Candidates6(string id)
    {
        for (int attempt = 0; attempt < Attempts6; attempt++)
        {
            byte[] address = new byte[16];
            SHA256.HashData(Encoding.UTF8.GetBytes($"{attempt}/{id}")).AsSpan(0, 8).CopyTo(address);
            address[0] = UniqueLocal;
            yield return Subnet.TryAround(new IPAddress(address), 64)!.Value;
        }
    }

    private string NameOf(int link) => _links.Find(candidate => candidate.Index == link)?.Name ?? $"{link}";

    // A route much wider than the candidate, such as a VPN's 10.0.0.0/8, counts; one of half the world is a default route in disguise.
    private static bool Collides(Subnet candidate, RouteEntry route) =>
        route.PrefixLength > 1 && candidate.Overlaps(route.Destination!, route.PrefixLength);
}

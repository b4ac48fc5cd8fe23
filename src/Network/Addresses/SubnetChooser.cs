using Rundlet.Linux;
using Rundlet.Linux.Netlink.Route;
using Rundlet.Syscalls;

namespace Rundlet.Network.Addresses;

/// <summary>Finds a subnet that this host neither has nor routes.</summary>
internal static class SubnetChooser
{
    /// <summary>Where networks get their subnets unless told otherwise, first choice first.</summary>
    private static IEnumerable<Subnet> Candidates()
    {
        for (int second = 30; second <= 31; second++)
            yield return Subnet.Parse($"172.{second}.0.0/16");
        for (int second = 160; second < 192; second++)
            yield return Subnet.Parse($"10.{second}.0.0/16");
        for (int third = 128; third < 256; third++)
            yield return Subnet.Parse($"192.168.{third}.0/24");
    }

    /// <summary>The first candidate that is free here.</summary>
    /// <exception cref="ContainerException">Unavailable: all collide.</exception>
    public static Subnet Choose(RouteSocket host)
    {
        List<InterfaceAddress> addresses = host.ListAddresses(AF.INET);
        List<RouteEntry> routes = host.ListRoutes(AF.INET);
        foreach (Subnet candidate in Candidates())
        {
            bool isTaken = addresses.Exists(address => candidate.Overlaps(address.Address, address.PrefixLength))
                || routes.Exists(route => route.Destination is not null && Collides(candidate, route));
            if (!isTaken)
                return candidate;
        }
        throw new ContainerException(ContainerErrorKind.Unavailable, "no free subnet: this host has or routes all candidates")
        {
            Hint = "name a subnet for the network",
        };
    }

    // A route much wider than the candidate, such as a VPN's 10.0.0.0/8, counts; one of half the world is a default route in disguise.
    private static bool Collides(Subnet candidate, RouteEntry route) =>
        route.PrefixLength > 1 && candidate.Overlaps(route.Destination!, route.PrefixLength);
}

using System.Net;
using Rundlet.Linux;
using Rundlet.Linux.Netlink.Route;
using Rundlet.Network.Addresses;

namespace Rundlet.Network;

/// <summary>What a network is. It does not change as long as the network is there.</summary>
/// <param name="Id">What it is known by: letters, digits, '_', '.', '-', at most 128; its state is kept under it.</param>
/// <param name="Name">What people call it; as the id.</param>
/// <param name="Driver">How its containers are joined.</param>
public sealed record NetworkDefinition(string Id, string Name, NetworkDriver Driver)
{
    /// <summary>The id and the name of the default network.</summary>
    public const string DefaultName = "bridge";

    private const uint SmallestMtu = 68; // bytes: RFC 791
    private const uint LargestMtu = 65535;

    /// <summary>The network that containers are on unless told otherwise. Its subnet is chosen when it is first used.</summary>
    public static NetworkDefinition Default { get; } = new(DefaultName, DefaultName, NetworkDriver.Bridge) { Interface = "rundlet0" };

    /// <summary>The bridge's interface on the host, at most 15 bytes. Not used by other drivers.</summary>
    public string Interface { get; init; } = InterfaceOf(Id);

    /// <summary>
    /// Its subnets, the first of each family is the one that containers get addresses of. None: one is chosen when the network is
    /// first used, and kept until the next reboot as long as nobody else on this host gets it while the bridge is gone; see <see cref="ContainerNetwork.ChooseSubnets"/> for choosing it for good.
    /// </summary>
    public IReadOnlyList<SubnetDefinition> Subnets { get; init; } = [];

    /// <summary>Subnets of other networks, which are not to be chosen for it; asked for only when one is chosen. Null for none.</summary>
    public Func<IReadOnlyList<Subnet>>? Taken { get; init; }

    /// <summary>Whether containers have IPv6 addresses.</summary>
    public bool Ipv6 { get; init; }

    /// <summary>Whether nothing leads out of it or into it.</summary>
    public bool Internal { get; init; }

    /// <summary>Whether its containers reach each other other than by published ports.</summary>
    public bool InterContainer { get; init; } = true;

    /// <summary>Whether its containers appear to the world under the host's address.</summary>
    public bool Masquerade { get; init; } = true;

    /// <summary>The largest packet, in bytes; 0 leaves the kernel's default (1500).</summary>
    public uint Mtu { get; init; }

    /// <summary>The host's address at which ports are published that name none; null for all.</summary>
    public IPAddress? HostBinding { get; init; }

    /// <summary>
    /// The host's interface that a macvlan or ipvlan network hangs on; <c>eth0.10</c> is made where it is missing: VLAN 10 on
    /// <c>eth0</c>. Null for a network that reaches nothing outside of this host.
    /// </summary>
    public string? Parent { get; init; }

    /// <summary>macvlan: <c>bridge</c> (null), <c>private</c>, <c>vepa</c>, <c>passthru</c>; ipvlan: <c>l2</c> (null), <c>l3</c>, <c>l3s</c>.</summary>
    public string? Mode { get; init; }

    /// <summary>The bridge's name that goes with an id: <c>br-</c> and twelve characters of it, as docker names them.</summary>
    public static string InterfaceOf(string id) => $"br-{(id.Length > 12 ? id[..12] : id)}";

    /// <summary>Refuses what cannot be.</summary>
    /// <exception cref="ContainerException">InvalidArgument: an option is malformed, or contradicts another.</exception>
    public void Validate()
    {
        Names.Check("network id", Id);
        Names.Check("network", Name);
        if (Driver == NetworkDriver.Bridge)
            Names.Check("interface", Interface, RouteSocket.MaxNameLength);
        if (Parent is { } parent)
            Names.Check("parent interface", parent, RouteSocket.MaxNameLength);
        if (Parent is not null && Driver == NetworkDriver.Bridge)
            throw Invalid("a bridge network has no parent interface");
        if (Mtu != 0 && Mtu is < SmallestMtu or > LargestMtu)
            throw Invalid($"invalid MTU '{Mtu}': want {SmallestMtu} to {LargestMtu}");
        for (int i = 0; i < Subnets.Count; i++)
        {
            SubnetDefinition subnet = Subnets[i];
            subnet.Validate();
            if (subnet.Subnet.IsIpv6 && !Ipv6)
                throw Invalid($"subnet '{subnet.Subnet}' is IPv6 and the network has none");
            if (Subnets.Take(i).FirstOrDefault(other => other.Subnet.Overlaps(subnet.Subnet)) is { } twice)
                throw Invalid($"subnet '{subnet.Subnet}' overlaps '{twice.Subnet}' of the same network");
        }
        CheckMode();
    }

    private void CheckMode()
    {
        bool isKnown = (Driver, Mode) switch
        {
            (_, null) => true,
            (NetworkDriver.Macvlan, "bridge" or "private" or "vepa" or "passthru") => true,
            (NetworkDriver.Ipvlan, "l2" or "l3" or "l3s") => true,
            _ => false,
        };
        if (!isKnown)
            throw Invalid($"invalid mode '{Names.Printable(Mode!)}' for driver '{Driver.ToString().ToLowerInvariant()}'");
    }

    private static ContainerException Invalid(string message) => new(ContainerErrorKind.InvalidArgument, message);
}

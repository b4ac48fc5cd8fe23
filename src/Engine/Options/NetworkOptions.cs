using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Text.Json.Serialization;
using Rundlet.Linux;

namespace Rundlet.Engine.Options;

/// <summary>What a network is: what its user asked for and, once it is made, the subnets that were chosen.</summary>
public sealed record NetworkOptions
{
    /// <summary>The drivers of networks that users make.</summary>
    public const string BridgeDriver = "bridge", MacvlanDriver = "macvlan", IpvlanDriver = "ipvlan";

    private const string NameKey = "com.docker.network.bridge.name";
    private const string IccKey = "com.docker.network.bridge.enable_icc";
    private const string MasqueradeKey = "com.docker.network.bridge.enable_ip_masquerade";
    private const string HostBindingKey = "com.docker.network.bridge.host_binding_ipv4";
    private const string MtuKey = "com.docker.network.driver.mtu";
    private const string PodmanMtuKey = "mtu";
    private const string ParentKey = "parent";
    private const string MacvlanModeKey = "macvlan_mode";
    private const string IpvlanModeKey = "ipvlan_mode";
    private const int MaxInterfaceName = 15;
    private const int SmallestMtu = 68, SmallestMtu6 = 1280, LargestMtu = 65535;

    /// <summary>The subnets, at most one of each family.</summary>
    public IReadOnlyList<SubnetOptions> Subnets { get; init => field = value ?? []; } = [];

    /// <summary>Whether it has IPv6.</summary>
    public bool Ipv6 { get; init; }

    /// <summary>Whether nothing leads out of it.</summary>
    public bool Internal { get; init; }

    /// <summary>What the driver is told, in docker's words.</summary>
    public IReadOnlyDictionary<string, string> Driver { get; init => field = value ?? new Dictionary<string, string>(); } = new Dictionary<string, string>();

    /// <summary>The bridge's name that is wanted; null for one of ours.</summary>
    [JsonIgnore]
    public string? Interface => Driver.GetValueOrDefault(NameKey);

    /// <summary>Whether containers of it reach each other.</summary>
    [JsonIgnore]
    public bool ReachEachOther => IsOn(IccKey);

    /// <summary>Whether they reach the world under the host's address.</summary>
    [JsonIgnore]
    public bool Masquerades => IsOn(MasqueradeKey);

    /// <summary>The address of the host that ports are published at where no other is named; null for all.</summary>
    [JsonIgnore]
    public IPAddress? HostBinding => Driver.TryGetValue(HostBindingKey, out string? address) && IPAddress.Parse(address) is { } parsed && !parsed.Equals(IPAddress.Any) ? parsed : null;

    /// <summary>The largest packet in bytes; 0 for the driver's default.</summary>
    [JsonIgnore]
    public uint Mtu => uint.TryParse(Driver.GetValueOrDefault(MtuKey) ?? Driver.GetValueOrDefault(PodmanMtuKey), NumberStyles.None, CultureInfo.InvariantCulture, out uint mtu) ? mtu : 0;

    /// <summary>The interface of the host that macvlan and ipvlan stand on; null for none.</summary>
    [JsonIgnore]
    public string? Parent => Driver.GetValueOrDefault(ParentKey);

    /// <summary>How macvlan and ipvlan switch; null for the driver's default.</summary>
    [JsonIgnore]
    public string? Mode => Driver.GetValueOrDefault(MacvlanModeKey) ?? Driver.GetValueOrDefault(IpvlanModeKey);

    /// <summary>Refuses what no network of a driver can be.</summary>
    /// <exception cref="ContainerException">InvalidArgument, or Unsupported for a driver that there is not.</exception>
    public void Validate(string driver)
    {
        string[] keys = KeysOf(driver);
        foreach ((string key, string value) in Driver)
        {
            if (!keys.Contains(key))
            {
                throw Invalid($"unknown option '{key}' of driver '{driver}'",
                    Nearest.Of(key, keys) is { } near ? $"did you mean '{near}'?" : $"there are {string.Join(", ", keys)}");
            }
            ValidateOption(key, value);
        }
        foreach (AddressFamily family in (ReadOnlySpan<AddressFamily>)[AddressFamily.InterNetwork, AddressFamily.InterNetworkV6])
        {
            if (Subnets.Count(subnet => FamilyOf(subnet) == family) > 1)
                throw Invalid("a network has one subnet of each family", "leave the others away");
        }
        foreach (SubnetOptions subnet in Subnets)
            ValidateSubnet(subnet);
        if (!Ipv6 && Subnets.Any(subnet => FamilyOf(subnet) == AddressFamily.InterNetworkV6))
            throw Invalid("an IPv6 subnet needs --ipv6");
        if (Ipv6 && Mtu is > 0 and < SmallestMtu6)
            throw Invalid($"an MTU of {Mtu} is too small for IPv6: the least is {SmallestMtu6}");
    }

    /// <summary>The family of a subnet.</summary>
    public static AddressFamily FamilyOf(SubnetOptions subnet) => subnet.Subnet.Contains(':') ? AddressFamily.InterNetworkV6 : AddressFamily.InterNetwork;

    private bool IsOn(string key) => !Driver.TryGetValue(key, out string? value) || ParseTruth(key, value);

    private static string[] KeysOf(string driver) => driver switch
    {
        BridgeDriver => [NameKey, IccKey, MasqueradeKey, HostBindingKey, MtuKey, PodmanMtuKey],
        MacvlanDriver => [ParentKey, MacvlanModeKey, MtuKey, PodmanMtuKey],
        IpvlanDriver => [ParentKey, IpvlanModeKey, MtuKey, PodmanMtuKey],
        "overlay" => throw new ContainerException(ContainerErrorKind.Unsupported, "driver 'overlay' is for swarms, which there are not"),
        _ => throw new ContainerException(ContainerErrorKind.Unsupported, $"no such network driver '{driver}'") { Hint = $"there are {BridgeDriver}, {MacvlanDriver} and {IpvlanDriver}" },
    };

    private static void ValidateOption(string key, string value)
    {
        switch (key)
        {
            case IccKey or MasqueradeKey:
                _ = ParseTruth(key, value); // ignored: only whether it is one
                break;
            case HostBindingKey when !IPAddress.TryParse(value, out IPAddress? address) || address.AddressFamily != AddressFamily.InterNetwork:
                throw Invalid($"invalid value '{value}' of option '{key}': no IPv4 address");
            case MtuKey or PodmanMtuKey when !int.TryParse(value, NumberStyles.None, CultureInfo.InvariantCulture, out int mtu) || mtu is not 0 and (< SmallestMtu or > LargestMtu):
                throw Invalid($"invalid value '{value}' of option '{key}': want {SmallestMtu} to {LargestMtu}");
            case NameKey or ParentKey when value.Length is 0 or > MaxInterfaceName || value is "." or ".." || value.AsSpan().ContainsAny('/', ':') || value.AsSpan().ContainsAnyExceptInRange('!', '~'):
                throw Invalid($"invalid value '{value}' of option '{key}': no interface name", $"an interface has 1 to {MaxInterfaceName} letters, digits, '_', '.' and '-'");
            case MacvlanModeKey when value is not ("bridge" or "private" or "vepa" or "passthru"):
                throw Invalid($"invalid value '{value}' of option '{key}'", "there are bridge, private, vepa and passthru");
            case IpvlanModeKey when value is not ("l2" or "l3" or "l3s"):
                throw Invalid($"invalid value '{value}' of option '{key}'", "there are l2, l3 and l3s");
        }
    }

    private static void ValidateSubnet(SubnetOptions options)
    {
        IPNetwork subnet = ParseNetwork(options.Subnet, "subnet");
        if (options.Range is { } range && ParseNetwork(range, "range") is var within && (!subnet.Contains(within.BaseAddress) || within.PrefixLength < subnet.PrefixLength))
            throw Invalid($"range '{range}' is not within subnet '{options.Subnet}'");
        if (options.Gateway is { } gateway)
            RequireWithin(subnet, gateway, "gateway");
        foreach ((string name, string address) in options.Auxiliary)
            RequireWithin(subnet, address, $"auxiliary address of '{name}'");
    }

    private static void RequireWithin(IPNetwork subnet, string text, string what)
    {
        if (!IPAddress.TryParse(text, out IPAddress? address) || address.AddressFamily != subnet.BaseAddress.AddressFamily)
            throw Invalid($"invalid {what}: '{text}' is no address of its family");
        if (!subnet.Contains(address))
            throw Invalid($"invalid {what}: '{text}' is not within subnet '{subnet}'");
    }

    private static IPNetwork ParseNetwork(string text, string what)
    {
        int slash = text.IndexOf('/');
        if (slash < 0 || !IPAddress.TryParse(text.AsSpan(0, slash), out IPAddress? address) || !int.TryParse(text.AsSpan(slash + 1), NumberStyles.None, CultureInfo.InvariantCulture, out int length))
            throw Invalid($"invalid {what} '{text}': want ADDRESS/LENGTH, as in 10.1.0.0/16");
        byte[] bytes = address.GetAddressBytes();
        if (length > bytes.Length * 8)
            throw Invalid($"invalid {what} '{text}': an address has {bytes.Length * 8} bits");
        for (int bit = length; bit < bytes.Length * 8; bit++)
            bytes[bit / 8] &= (byte)~(0x80 >> (bit % 8));
        IPAddress first = new(bytes);
        return first.Equals(address)
            ? new IPNetwork(first, length)
            : throw Invalid($"invalid {what} '{text}': it has bits behind its length", $"did you mean '{first}/{length}'?");
    }

    private static bool ParseTruth(string key, string value) => value.ToLowerInvariant() switch
    {
        "true" or "1" or "t" => true,
        "false" or "0" or "f" => false,
        _ => throw Invalid($"invalid value '{value}' of option '{key}': neither true nor false"),
    };

    private static ContainerException Invalid(string message, string? hint = null) => new(ContainerErrorKind.InvalidArgument, message) { Hint = hint };
}

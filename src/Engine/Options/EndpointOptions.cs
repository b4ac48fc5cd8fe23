using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Text.Json.Serialization;
using Rundlet.Linux;
using Rundlet.Linux.Netlink;

namespace Rundlet.Engine.Options;

/// <summary>What a user wants of a container on one network.</summary>
public sealed record EndpointOptions
{
    private static readonly string[] s_keys = ["alias", "driver-opt", "gw-priority", "interface_name", "ip", "ip6", "link-local-ip", "mac", "name", "rate", "rate-in", "rate-out"];

    /// <summary>The network's name or id, as the user wrote it.</summary>
    [JsonIgnore]
    public string Network { get; init; } = "";

    /// <summary>Further names of the container in the network.</summary>
    public IReadOnlyList<string> Aliases { get; init => field = value ?? []; } = [];

    /// <summary>The IPv4 address that it wants; null for the next free one.</summary>
    public string? Address { get; init; }

    /// <summary>The IPv6 address that it wants; null for the next free one.</summary>
    public string? Address6 { get; init; }

    /// <summary>The hardware address that it wants; null for the one that belongs to its address.</summary>
    public string? Mac { get; init; }

    /// <summary>What the interface is called inside; null for the next of eth0, eth1, ….</summary>
    public string? Interface { get; init; }

    /// <summary>Of all networks the one with the highest carries the default route.</summary>
    public int GatewayPriority { get; init; }

    /// <summary>The most that comes in, in bits a second; null for all that can. As it was parsed, 0 where the user wants no bound.</summary>
    public ulong? RateIn { get; init; }

    /// <summary>The same of what goes out.</summary>
    public ulong? RateOut { get; init; }

    /// <summary>What the driver is told.</summary>
    public IReadOnlyDictionary<string, string> DriverOptions { get; init => field = value ?? new Dictionary<string, string>(); } = new Dictionary<string, string>();

    /// <summary>Whether anything is wanted beyond being on the network.</summary>
    [JsonIgnore]
    public bool IsPlain => Aliases.Count == 0 && (Address ?? Address6 ?? Mac ?? Interface) is null && GatewayPriority == 0 && (RateIn ?? RateOut) is null && DriverOptions.Count == 0;

    /// <summary>
    /// Reads a value of <c>--network</c>: <c>NETWORK</c>, docker's <c>name=NETWORK,alias=…,ip=…</c>, or podman's <c>NETWORK:alias=…,ip=…</c>.
    /// A mode as <c>container:NAME</c> is a network's name here.
    /// </summary>
    /// <exception cref="ContainerException">InvalidArgument.</exception>
    public static EndpointOptions Parse(string text)
    {
        if (NamespaceOptions.ContainerOf(text) is not null)
            return new EndpointOptions { Network = text };
        int colon = text.IndexOf(':'), equals = text.IndexOf('=');
        if (equals < 0 && colon < 0)
            return new EndpointOptions { Network = text };
        bool isShort = colon >= 0 && (equals < 0 || colon < equals);
        EndpointOptions options = new() { Network = isShort ? text[..colon] : "" };
        foreach (string field in (isShort ? text[(colon + 1)..] : text).Split(',', StringSplitOptions.RemoveEmptyEntries))
        {
            int end = field.IndexOf('=');
            if (end <= 0)
                throw Invalid($"invalid network '{text}': '{field}' is not KEY=VALUE", $"the keys are {string.Join(", ", s_keys)}");
            options = options.With(field[..end].Trim().ToLowerInvariant(), field[(end + 1)..].Trim(), text);
        }
        return options.Network.Length > 0 ? options : throw Invalid($"invalid network '{text}': it has no name", "write name=NETWORK,alias=NAME or NETWORK:alias=NAME");
    }

    /// <summary>Refuses what cannot be on any network.</summary>
    /// <exception cref="ContainerException">InvalidArgument.</exception>
    public void Validate()
    {
        foreach (string alias in Aliases)
            ValidateAlias(alias);
        RequireAddress(Address, AddressFamily.InterNetwork, "IPv4");
        RequireAddress(Address6, AddressFamily.InterNetworkV6, "IPv6");
        if (Mac is { } mac && !MacAddress.TryParse(mac, out _))
            throw Invalid($"invalid MAC address '{mac}'");
        if (Interface is { } name && (name.Length is 0 or > 15 || name is "." or ".." or "lo" or "all" or "default" || name.AsSpan().ContainsAny('/', ':', '%') || name.AsSpan().ContainsAnyExceptInRange('!', '~')))
            throw Invalid($"invalid interface name '{name}'", "use 1 to 15 letters, digits, '_', '.' and '-'");
    }

    // What a name server answers to, as labels of a host name, and a container's name.
    private static void ValidateAlias(string alias)
    {
        bool valid = alias.Length is > 0 and <= 253;
        foreach (string label in alias.Split('.'))
            valid &= label.Length is > 0 and <= 63 && Array.TrueForAll(label.ToCharArray(), static c => char.IsAsciiLetterOrDigit(c) || c is '_' or '-');
        if (!valid)
            throw Invalid($"invalid network alias '{alias}'", "use letters, digits, '_' and '-', with dots between");
    }

    private EndpointOptions With(string key, string value, string text) => key switch
    {
        "name" => this with { Network = value },
        "alias" => this with { Aliases = [.. Aliases, value] },
        "ip" => this with { Address = value },
        "ip6" => this with { Address6 = value },
        "mac" or "mac-address" => this with { Mac = value },
        "interface_name" => this with { Interface = value },
        "gw-priority" => this with { GatewayPriority = ParsePriority(value) },
        "rate" when NetworkRate.Parse(value) is var rate => this with { RateIn = rate.In ?? RateIn, RateOut = rate.Out ?? RateOut },
        "rate-in" => this with { RateIn = NetworkRate.ParseOne(value) },
        "rate-out" => this with { RateOut = NetworkRate.ParseOne(value) },
        "driver-opt" => WithDriverOption(value),
        "link-local-ip" => throw new ContainerException(ContainerErrorKind.Unsupported, $"field '{key}' of network '{text}' cannot be used: addresses of a network are its own"),
        _ => throw Invalid($"invalid network '{text}': unknown key '{key}'", Nearest.Of(key, s_keys) is { } near ? $"did you mean '{near}'?" : $"the keys are {string.Join(", ", s_keys)}"),
    };

    /// <summary>The same with an option of the driver, <c>KEY=VALUE</c>.</summary>
    /// <exception cref="ContainerException">InvalidArgument.</exception>
    public EndpointOptions WithDriverOption(string value)
    {
        Dictionary<string, string> options = new(DriverOptions);
        foreach ((string key, string option) in KeyValueOption.Parse([value], "driver option", valueNeeded: true))
            options[key] = option;
        // docker names the interface by an option of the driver.
        const string InterfaceOption = "com.docker.network.endpoint.ifname";
        return options.Remove(InterfaceOption, out string? name) ? this with { DriverOptions = options, Interface = name } : this with { DriverOptions = options };
    }

    /// <summary>The same with bounds for what says nothing itself, and null where no bound is wanted.</summary>
    public EndpointOptions WithDefault(NetworkRate rate) => With(new NetworkRate(RateIn ?? rate.In, RateOut ?? rate.Out));

    /// <summary>The same with other bounds; those of which nothing is said stay.</summary>
    public EndpointOptions With(NetworkRate rate) => this with
    {
        RateIn = rate.In is null ? RateIn : Bound(rate.In),
        RateOut = rate.Out is null ? RateOut : Bound(rate.Out),
    };

    private static ulong? Bound(ulong? rate) => rate == 0 ? null : rate;

    /// <summary>Reads a value of <c>--gw-priority</c>.</summary>
    /// <exception cref="ContainerException">InvalidArgument.</exception>
    public static int ParsePriority(string text) => int.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out int priority)
        ? priority
        : throw Invalid($"invalid gateway priority '{text}': not a number");

    private static void RequireAddress(string? text, AddressFamily family, string what)
    {
        if (text is not null && (!IPAddress.TryParse(text, out IPAddress? parsed) || parsed.AddressFamily != family || (family == AddressFamily.InterNetwork && text.Count(static c => c == '.') != 3)))
            throw Invalid($"invalid {what} address '{text}'");
    }

    private static ContainerException Invalid(string message, string? hint = null) => new(ContainerErrorKind.InvalidArgument, message) { Hint = hint };
}

using System.Net;
using System.Net.Sockets;
using Rundlet.Engine.Operations;
using Rundlet.Linux;
using Rundlet.Linux.Netlink;
using Rundlet.Network;
using Rundlet.Network.Ports;

namespace Rundlet.Engine.Options;

/// <summary>Options that are wrong, alone or together, whatever the image says.</summary>
internal static class OptionConflicts
{
    private const int MaxDomainName = 64; // __NEW_UTS_LEN
    private const int MaxOomScore = 1000;

    /// <summary>Refuses them.</summary>
    /// <exception cref="ContainerException">InvalidArgument or NotFound.</exception>
    public static void Validate(ContainerOptions options)
    {
        NetworkMode mode = StartContainer.ParseNetwork(options.Network);
        bool isJoined = NamespaceOptions.ContainerOf(options.Network) is not null;
        foreach (string port in options.Ports.Concat(options.Exposed))
            PortRequest.Parse(port);
        if (options.Exposed.FirstOrDefault(port => port.Contains(':')) is { } mapping)
            Refuse(true, $"invalid --expose '{mapping}': a port of the container alone is meant", $"-p {mapping} publishes it");
        options.Dns.Validate(hasNetwork: mode != NetworkMode.None);
        Refuse(options.Ports.Count > 0 && mode != NetworkMode.Bridge, $"ports cannot be published with network '{options.Network}'");
        Refuse(options.PublishAll && mode != NetworkMode.Bridge, $"--publish-all has no meaning with network '{options.Network}'");
        Refuse(options.PublishPolicy is not (null or PublishedPorts.OpenPolicy or PublishedPorts.HostPolicy), $"invalid value '{options.PublishPolicy}' for --publish-policy", "there are open and host");
        Refuse((options.Address ?? options.MacAddress) is not null && mode != NetworkMode.Bridge, $"addresses cannot be chosen with network '{options.Network}'");
        Refuse(isJoined && options.Hostname is not null, "--hostname and the network of another container exclude each other");
        Refuse(isJoined && (options.Dns.HasResolver || options.Dns.Hosts.Count > 0), "--dns, --add-host and the network of another container exclude each other");
        if (options.Address is { } address)
            Refuse(!IPAddress.TryParse(address, out IPAddress? parsed) || parsed.AddressFamily != AddressFamily.InterNetwork, $"invalid IPv4 address '{address}'");
        if (options.MacAddress is { } mac)
            Refuse(!MacAddress.TryParse(mac, out _), $"invalid MAC address '{mac}'");

        bool isAuto = options.Namespaces.AutoIds is not null;
        Refuse(isAuto && options.Security.Privileged, "--privileged and a user namespace of its own exclude each other");
        Refuse(isAuto && (options.Network == "host" || isJoined), $"a user namespace of its own has no rights over network '{options.Network}'", "use --network bridge or none");
        Refuse(isAuto && (IsShared(options.Namespaces.Pid) || IsShared(options.Namespaces.Ipc)), "a user namespace of its own has no rights over shared pid and ipc namespaces");

        bool isOwnUts = options.Namespaces.Uts is null or "private";
        Refuse(!isOwnUts && options.Hostname is not null, "--hostname and a shared uts namespace exclude each other");
        Refuse(!isOwnUts && options.Domainname is not null, "--domainname and a shared uts namespace exclude each other");
        Refuse(options.Domainname is { } domain && (domain.Length is 0 or > MaxDomainName || domain.AsSpan().ContainsAnyExceptInRange('!', '~')), $"invalid domain name '{options.Domainname}'");
        Refuse(options.OomScoreAdj is < -MaxOomScore or > MaxOomScore, $"invalid oom score {options.OomScoreAdj}: want -{MaxOomScore} to {MaxOomScore}");
        Refuse(options.SharedMemory is <= 0, "the size of /dev/shm must be above 0");
        Refuse(options.CgroupParent is { } parent && !IsCgroup(parent), $"invalid cgroup parent '{options.CgroupParent}'", "write a path from where cgroups are mounted, as in /mine; slices are systemd's");
        Refuse(options is { Runtime: not (null or Runtime.RuntimeProgram.Own), Namespaces.HasUsers: true }, $"--userns {options.Namespaces.User} works with rundlet's own runtime alone", "leave --runtime away");
        Refuse(options.Systemd is not (null or "true" or "false" or "always"), $"invalid value '{options.Systemd}' for --systemd", "there are true, false and always");
        foreach (string rule in options.Devices.Rules)
            DeviceRuleOption.Parse(rule);
    }

    private static bool IsShared(string? mode) => mode == "host" || NamespaceOptions.ContainerOf(mode) is not null;

    private static bool IsCgroup(string path) =>
        path.Length > 1 && path[0] == '/' && path[^1] != '/' && !path.AsSpan().ContainsAnyExceptInRange('!', '~') && !path.EndsWith(".slice", StringComparison.Ordinal)
        && Array.TrueForAll(path[1..].Split('/'), name => name is not ("" or "." or ".."));

    private static void Refuse(bool isWrong, string message, string? hint = null)
    {
        if (isWrong)
            throw new ContainerException(ContainerErrorKind.InvalidArgument, message) { Hint = hint };
    }
}

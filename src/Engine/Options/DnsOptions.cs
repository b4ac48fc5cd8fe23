using System.Net;
using System.Text.Json.Serialization;
using Rundlet.Network.Files;

namespace Rundlet.Engine.Options;

/// <summary>How a container finds names; what is empty is the host's.</summary>
public sealed record DnsOptions
{
    /// <summary>Addresses of nameservers.</summary>
    public IReadOnlyList<string> Servers { get; init => field = value ?? []; } = [];

    /// <summary>Domains to look names up in; a single <c>.</c> is none.</summary>
    public IReadOnlyList<string> Search { get; init => field = value ?? []; } = [];

    /// <summary>Options of resolv.conf(5), such as <c>ndots:2</c>.</summary>
    public IReadOnlyList<string> Options { get; init => field = value ?? []; } = [];

    /// <summary>Further lines of <c>/etc/hosts</c> as <c>NAME:ADDRESS</c>; the address may be <c>host-gateway</c>.</summary>
    public IReadOnlyList<string> Hosts { get; init => field = value ?? []; } = [];

    /// <summary>Whether resolv.conf is to be other than the host's.</summary>
    [JsonIgnore]
    public bool HasResolver => Servers.Count + Search.Count + Options.Count > 0;

    /// <summary>Refuses what cannot be.</summary>
    /// <param name="hasNetwork">Whether there is a gateway that <c>host-gateway</c> could stand for.</param>
    /// <exception cref="Rundlet.Linux.ContainerException">InvalidArgument.</exception>
    public void Validate(bool hasNetwork)
    {
        _ = ResolvConf.With("", Servers, Search, Options); // ignored: made again where the file is written
        _ = HostLines(hasNetwork ? IPAddress.Loopback : null); // ignored: as above
    }

    /// <summary>The lines of <see cref="Hosts"/>.</summary>
    /// <param name="gateway">What <c>host-gateway</c> stands for.</param>
    /// <exception cref="Rundlet.Linux.ContainerException">InvalidArgument.</exception>
    public IReadOnlyList<(string Name, IPAddress Address)> HostLines(IPAddress? gateway) => [.. Hosts.Select(line => HostsFile.ParseExtraHost(line, gateway))];
}

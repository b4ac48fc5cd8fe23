using System.Net;
using Rundlet.Engine.Options;
using Rundlet.Linux;

namespace Rundlet.Cli.Commands.Networks;

/// <summary>Which range, gateway and auxiliary address belongs to which subnet: the one that it lies in, as docker has it.</summary>
internal static class SubnetFlags
{
    /// <summary>Puts them together.</summary>
    /// <exception cref="ContainerException">InvalidArgument: one belongs to no subnet, or one has two of a kind.</exception>
    public static IReadOnlyList<SubnetOptions> Read(IReadOnlyList<string> subnets, IReadOnlyList<string> ranges, IReadOnlyList<string> gateways, IReadOnlyDictionary<string, string> auxiliary)
    {
        List<SubnetOptions> found = [.. subnets.Select(static subnet => new SubnetOptions(subnet))];
        foreach (string range in ranges)
        {
            Change(found, "ip-range", range, range.Split('/')[0], subnet => subnet.Range is null
                ? subnet with { Range = range }
                : throw Invalid($"subnet '{subnet.Subnet}' has two ranges, '{subnet.Range}' and '{range}'"));
        }
        foreach (string gateway in gateways)
        {
            Change(found, "gateway", gateway, gateway, subnet => subnet.Gateway is null
                ? subnet with { Gateway = gateway }
                : throw Invalid($"subnet '{subnet.Subnet}' has two gateways, '{subnet.Gateway}' and '{gateway}'"));
        }
        foreach ((string name, string address) in auxiliary)
            Change(found, "aux-address", address, address, subnet => subnet with { Auxiliary = new Dictionary<string, string>(subnet.Auxiliary) { [name] = address } });
        return found;
    }

    private static void Change(List<SubnetOptions> subnets, string flag, string text, string address, Func<SubnetOptions, SubnetOptions> change)
    {
        if (subnets.Count == 0)
            throw Invalid($"--{flag} needs --subnet");
        if (!IPAddress.TryParse(address, out IPAddress? parsed))
            throw Invalid($"invalid value '{text}' for --{flag}: no address");
        int index = subnets.FindIndex(subnet => IPNetwork.TryParse(subnet.Subnet, out IPNetwork network) && network.Contains(parsed));
        if (index < 0)
            throw Invalid($"--{flag} '{text}' lies in no subnet of the network");
        subnets[index] = change(subnets[index]);
    }

    private static ContainerException Invalid(string message) => new(ContainerErrorKind.InvalidArgument, message);
}

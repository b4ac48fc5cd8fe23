using Rundlet.Engine.Options;
using Rundlet.Engine.State;
using Rundlet.Linux;
using Rundlet.Network;
using Rundlet.Network.Addresses;

namespace Rundlet.Engine.Networks;

/// <summary>The subnets of a network that is being made: those that it asks for, if nobody has them, and free ones for the rest.</summary>
internal static class NetworkSubnets
{
    private const string SubnetFile = "subnet"; // of the network library

    /// <summary>Chooses them.</summary>
    /// <param name="kernel">Knows the addresses and routes of this host.</param>
    /// <param name="wanted">The network.</param>
    /// <param name="others">All networks that there are.</param>
    /// <returns>Its options with all subnets, each with its gateway.</returns>
    /// <exception cref="ContainerException">Conflict: a subnet is somebody's; Unavailable: none is free.</exception>
    public static NetworkOptions Choose(ContainerNetwork kernel, NetworkRecord wanted, IReadOnlyList<NetworkRecord> others)
    {
        NetworkDefinition definition = NetworkDefinitions.Of(wanted);
        List<NetworkDefinition> taken = [.. others.Where(other => other.Name is not (BuiltInNetworks.Host or BuiltInNetworks.None)).Select(NetworkDefinitions.Of)];
        if (definition.Driver == NetworkDriver.Bridge && taken.Find(other => other.Driver == NetworkDriver.Bridge && other.Interface == definition.Interface) is { } same)
            throw new ContainerException(ContainerErrorKind.Conflict, $"bridge '{definition.Interface}' is that of network '{same.Name}'") { Hint = "choose another name for it" };
        NetworkDefinition chosen = kernel.ChooseSubnets(definition, taken);
        return wanted.Options with { Subnets = [.. chosen.Subnets.Select(subnet => Of(subnet, wanted.Options))] };
    }

    /// <summary>
    /// The default network, for its containers. When a subnet is chosen for it, it is one that no other network has, whether that is in use
    /// yet or not.
    /// </summary>
    public static NetworkDefinition Default(ContainerEngine engine) => engine.DefaultNetwork with
    {
        Taken = () => [.. engine.Networks.List().Where(other => !BuiltInNetworks.Contains(other.Name)).SelectMany(other => other.Options.Subnets).Select(subnet => Subnet.Parse(subnet.Subnet))],
    };

    /// <summary>The subnets of the default network, which are chosen when it is first used; none before.</summary>
    public static IReadOnlyList<SubnetOptions> OfDefault(ContainerEngine engine)
    {
        string[] lines = (FileIo.TryReadText(FileOf(engine)) ?? "").Split('\n', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries);
        return [.. lines.Select(line => Of(new SubnetDefinition(Subnet.Parse(line)), new NetworkOptions()))];
    }

    private static string FileOf(ContainerEngine engine) => $"{engine.Paths.Network(NetworkDefinition.DefaultName)}/{SubnetFile}";

    private static SubnetOptions Of(SubnetDefinition subnet, NetworkOptions wanted)
    {
        string text = subnet.Subnet.ToString();
        SubnetOptions asked = wanted.Subnets.FirstOrDefault(other => Subnet.Parse(other.Subnet) == subnet.Subnet) ?? new SubnetOptions(text);
        return asked with { Subnet = text, Gateway = (subnet.Gateway ?? subnet.Subnet.Gateway).ToString() };
    }
}

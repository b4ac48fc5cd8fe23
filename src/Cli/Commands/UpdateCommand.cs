using Rundlet.Cli.CommandLine;
using Rundlet.Cli.Commands.RunFlags;
using Rundlet.Engine;
using Rundlet.Engine.Operations;
using Rundlet.Engine.Options;
using Rundlet.Linux;
using Rundlet.Runtime.Supervision;

namespace Rundlet.Cli.Commands;

internal sealed class UpdateCommand : Command
{
    private const string Restart = "restart", PublishAdd = "publish-add", PublishRemove = "publish-rm";

    public override string Name => "update";

    public override string Usage => "CONTAINER…";

    public override string Summary => "Change the limits, the restart policy, the published ports and the network rates of containers, whether they run or not.";

    public override IReadOnlyList<Option> Options =>
    [
        .. ResourceFlags.Changeable,
        new(Restart, null, "no|on-failure[:N]|always|unless-stopped", "when to start it again after it has ended") { Group = "Container" },
        .. Option.Under(
            "Network",
            new(NetworkFlags.Rate, null, NetworkFlags.RateSyntax, "the most that comes in and goes out by each of its networks; 0 for no bound"),
            new(PublishAdd, null, "[IP:][PORT:]PORT[/udp]", "lead one more port of the host to one of the container's"),
            new(PublishRemove, null, "[IP:][PORT:]PORT[/udp]", "publish a port of the container's no longer")),
    ];

    public override IReadOnlyList<string> Examples => ["rundlet update -m 512m --cpus 1.5 web", "rundlet update --publish-add 8443:443 --publish-rm 80 web"];

    public override int Run(Session session, Arguments arguments)
    {
        if (arguments.Words.Count > 0 && !Options.Any(option => arguments.Value(option.Name) is not null))
            throw new ContainerException(ContainerErrorKind.InvalidArgument, "nothing is to be changed") { Hint = $"{arguments.Command} --help lists the flags" };
        ResourceOptions changes = ResourceFlags.Read(arguments);
        RestartPolicy? restart = arguments.Value(Restart) is { } text ? RestartPolicy.Parse(text) : null;
        IReadOnlyList<string> added = arguments.Values(PublishAdd), removed = arguments.Values(PublishRemove);
        PortChanges? ports = added.Count + removed.Count > 0 ? new PortChanges(added, removed) : null;
        NetworkRate? rate = arguments.Value(NetworkFlags.Rate) is { } bounds ? NetworkRate.Parse(bounds) : null;
        using ContainerEngine engine = session.OpenEngine();
        return ForEach(session, arguments, reference =>
        {
            UpdateContainer.Run(engine, engine.Containers.Get(reference), changes, restart, ports, rate);
            return reference;
        });
    }
}

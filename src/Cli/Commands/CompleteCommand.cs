using Rundlet.Cli.CommandLine;
using Rundlet.Engine;
using Rundlet.Images.References;
using Rundlet.Linux;

namespace Rundlet.Cli.Commands;

/// <summary>What shells ask for when somebody presses the tabulator: the names of what there is. eng/Manual writes the scripts that call it.</summary>
internal sealed class CompleteCommand : Command
{
    private static readonly string[] s_kinds = ["container", "image", "network", "volume"];

    public override string Name => "__complete";

    public override string Usage => "[KIND]";

    public override string Summary => "List names for the completion of shells.";

    public override bool IsHidden => true;

    public override int Run(Session session, Arguments arguments)
    {
        if (arguments.Words.Count == 0)
        {
            Out.Line(string.Join('\n', s_kinds));
            return 0;
        }
        using ContainerEngine engine = session.OpenEngine();
        foreach (string name in NamesOf(engine, arguments.Words[0]))
            Out.Line(name);
        return 0;
    }

    private static IEnumerable<string> NamesOf(ContainerEngine engine, string kind) => kind switch
    {
        "container" => engine.Containers.List().Select(container => container.Name),
        "image" => engine.Images.List().Select(image => ImageReference.Parse(image.Name!).Familiar),
        "network" => engine.Networks.List().Select(network => network.Name),
        "volume" => engine.Volumes.List().Select(volume => volume.Name),
        _ => throw new ContainerException(ContainerErrorKind.InvalidArgument, $"unknown kind '{kind}'") { Hint = $"there are {string.Join(", ", s_kinds)}" },
    };
}

using Rundlet.Cli.CommandLine;
using Rundlet.Cli.Output;
using Rundlet.Engine;
using Rundlet.Linux;

namespace Rundlet.Cli.Commands;

internal sealed class RmiCommand : Command
{
    public override string Name => "rmi";

    public override string Usage => "IMAGE…";

    public override string Summary => "Take names from images, and remove those without any.";

    public override string Group => "Images";

    public override IReadOnlyList<Option> Options =>
    [
        new("force", 'f', null, "also with containers that keep the files, and all names of an id; none is no error"),
        new("no-prune", null, null, "does nothing: there are no parent images that could stay"),
    ];

    public override int Run(Session session, Arguments arguments)
    {
        bool force = arguments.Has("force");
        using ContainerEngine engine = session.OpenEngine();
        return ForEach(
            session,
            arguments,
            name =>
            {
                try
                {
                    return ImageRemoval.Lines(engine.Images.Remove(name, force));
                }
                catch (ContainerException e) when (force && e.Kind == ContainerErrorKind.NotFound)
                {
                    ErrorReport.Write(e, debug: false);
                    return null;
                }
            },
            "image");
    }
}

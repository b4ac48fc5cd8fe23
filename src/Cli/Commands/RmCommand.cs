using Rundlet.Cli.CommandLine;
using Rundlet.Engine;
using Rundlet.Engine.Operations;
using Rundlet.Linux;

namespace Rundlet.Cli.Commands;

internal sealed class RmCommand : Command
{
    public override string Name => "rm";

    public override string Usage => "CONTAINER…";

    public override string Summary => "Remove containers, with what they wrote.";

    public override IReadOnlyList<Option> Options =>
    [
        new("force", 'f', null, "kill those that run; none is no error"),
        new("volumes", 'v', null, "with the volumes without a name that nobody else uses"),
    ];

    public override int Run(Session session, Arguments arguments)
    {
        bool force = arguments.Has("force");
        using ContainerEngine engine = session.OpenEngine();
        return ForEach(session, arguments, reference =>
        {
            try
            {
                foreach (string left in RemoveContainer.Run(engine, engine.Containers.Get(reference), force, arguments.Has("volumes")))
                    ErrorReport.Warn($"container '{reference}' is removed, but not all of it: {left}");
                return reference;
            }
            catch (ContainerException e) when (force && e.Kind == ContainerErrorKind.NotFound)
            {
                ErrorReport.Write(e, debug: false);
                return null;
            }
        });
    }
}

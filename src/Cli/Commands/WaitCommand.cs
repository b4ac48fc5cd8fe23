using System.Globalization;
using Rundlet.Cli.CommandLine;
using Rundlet.Cli.Terminal;
using Rundlet.Engine;
using Rundlet.Engine.Operations;
using Rundlet.Linux;

namespace Rundlet.Cli.Commands;

internal sealed class WaitCommand : Command
{
    public override string Name => "wait";

    public override string Usage => "CONTAINER…";

    public override string Summary => "Wait until containers end, and print their exit codes.";

    public override IReadOnlyList<Option> Options => [new("condition", null, "not-running|next-exit|removed", "what to wait for (default not-running)")];

    public override int Run(Session session, Arguments arguments)
    {
        WaitCondition condition = arguments.Value("condition") switch
        {
            null or "not-running" => WaitCondition.NotRunning,
            "next-exit" => WaitCondition.NextExit,
            "removed" => WaitCondition.Removed,
            var other => throw new ContainerException(ContainerErrorKind.InvalidArgument, $"unknown condition '{other}'") { Hint = "there are not-running, next-exit and removed" },
        };
        using ContainerEngine engine = session.OpenEngine();
        return Interrupt.Watch(cancel => ForEach(session, arguments, reference =>
            WaitContainer.Run(engine, engine.Containers.Get(reference), condition, cancel).ToString(CultureInfo.InvariantCulture)));
    }
}

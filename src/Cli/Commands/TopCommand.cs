using Rundlet.Cli.CommandLine;
using Rundlet.Cli.Output;
using Rundlet.Cli.Top;
using Rundlet.Engine;
using Rundlet.Engine.Operations;
using Rundlet.Engine.Processes;

namespace Rundlet.Cli.Commands;

internal sealed class TopCommand : Command
{
    public override string Name => "top";

    public override string Usage => "[CONTAINER [PS-OPTION…]]";

    public override string Summary => "Show the processes of a container, or without one all containers live, on the whole terminal.";

    public override IReadOnlyList<string> Examples => ["rundlet top", "rundlet top web", "rundlet top web -o pid,user,%cpu,rss,args"];

    public override int FreeWords => 1;

    public override int Run(Session session, Arguments arguments)
    {
        if (arguments.Words.Count == 0)
            return LiveView.Show(session);
        IReadOnlyList<ProcessColumn> columns = ProcessFormat.Parse(arguments.Words[1..]);
        using ContainerEngine engine = session.OpenEngine();
        Table table = new();
        table.Add([.. columns.Select(column => column.Heading)]);
        foreach (ProcessRow row in TopContainer.Run(engine, engine.Containers.Get(arguments.Words[0])))
            table.Add([.. columns.Select(column => column.Value(row))]);
        Out.Text(table.ToString());
        return 0;
    }
}

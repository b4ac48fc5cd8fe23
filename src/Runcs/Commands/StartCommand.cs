using Rundlet.Runcs.CommandLine;
using Rundlet.Runtime;

namespace Rundlet.Runcs.Commands;

/// <summary><c>runcs start</c>.</summary>
internal sealed class StartCommand : Command
{
    public override string Name => "start";

    public override string Usage => "ID";

    public override string Summary => "start the program of a created container";

    public override int Run(GlobalOptions global, Arguments arguments)
    {
        StartContainer.Run(global.Store, OnlyWord(arguments), ErrorReport.Warn);
        return 0;
    }
}

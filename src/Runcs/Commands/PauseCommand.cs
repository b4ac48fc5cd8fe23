using Rundlet.Runcs.CommandLine;
using Rundlet.Runtime;

namespace Rundlet.Runcs.Commands;

/// <summary><c>runcs pause</c>.</summary>
internal sealed class PauseCommand : Command
{
    public override string Name => "pause";

    public override string Usage => "ID";

    public override string Summary => "stop every process of a container where it is";

    public override int Run(GlobalOptions global, Arguments arguments)
    {
        PauseContainer.Run(global.Store, OnlyWord(arguments));
        return 0;
    }
}

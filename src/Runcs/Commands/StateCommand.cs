using Rundlet.Runcs.CommandLine;
using Rundlet.Runtime;

namespace Rundlet.Runcs.Commands;

/// <summary><c>runcs state</c>.</summary>
internal sealed class StateCommand : Command
{
    public override string Name => "state";

    public override string Usage => "ID";

    public override string Summary => "print the state of a container as JSON";

    public override int Run(GlobalOptions global, Arguments arguments)
    {
        using ContainerHandle container = ContainerHandle.Look(global.Store, OnlyWord(arguments));
        Output.Write(StateJson.Of(container));
        return 0;
    }
}

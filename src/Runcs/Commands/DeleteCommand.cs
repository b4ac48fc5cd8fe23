using Rundlet.Runcs.CommandLine;
using Rundlet.Runtime;
using Rundlet.Runtime.State;

namespace Rundlet.Runcs.Commands;

/// <summary><c>runcs delete</c>.</summary>
internal sealed class DeleteCommand : Command
{
    public override string Name => "delete";

    public override string Usage => "ID";

    public override string Summary => "remove a stopped container";

    public override IReadOnlyList<Option> Options => [new("force", 'f', null, "kill it first if it is not stopped; an unknown id is no error"), Containers.Regex];

    public override int Run(GlobalOptions global, Arguments arguments)
    {
        StateStore store = global.Store;
        Containers.Each(store, arguments, OnlyWord(arguments), id => DeleteContainer.Run(store, id, arguments.Has("force"), ErrorReport.Warn));
        return 0;
    }
}

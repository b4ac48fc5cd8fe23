using Rundlet.Runcs.CommandLine;
using Rundlet.Runtime;

namespace Rundlet.Runcs.Commands;

/// <summary><c>runcs delete</c>.</summary>
internal sealed class DeleteCommand : Command
{
    public override string Name => "delete";

    public override string Usage => "ID";

    public override string Summary => "remove a stopped container";

    public override IReadOnlyList<Option> Options => [new("force", 'f', null, "kill it first if it is not stopped; an unknown id is no error")];

    public override int Run(GlobalOptions global, Arguments arguments)
    {
        DeleteContainer.Run(global.Store, OnlyWord(arguments), arguments.Has("force"), ErrorReport.Warn);
        return 0;
    }
}

using Rundlet.Runcs.CommandLine;
using Rundlet.Runtime;

namespace Rundlet.Runcs.Commands;

/// <summary><c>runcs resume</c>.</summary>
internal sealed class ResumeCommand : Command
{
    public override string Name => "resume";

    public override string Usage => "ID";

    public override string Summary => "let a paused container go on";

    public override int Run(GlobalOptions global, Arguments arguments)
    {
        ResumeContainer.Run(global.Store, OnlyWord(arguments));
        return 0;
    }
}

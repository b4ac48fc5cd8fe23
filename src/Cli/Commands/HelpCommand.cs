using Rundlet.Cli.CommandLine;

namespace Rundlet.Cli.Commands;

internal sealed class HelpCommand : Command
{
    public override string Name => "help";

    public override string Usage => "[COMMAND|GROUP [COMMAND]]";

    public override string Summary => "Tell about a command.";

    public override string Group => "About";

    public override int Run(Session session, Arguments arguments)
    {
        Out.Text(arguments.Words.Count == 0 ? HelpText.Of(session.Commands, Session.Options) : session.Commands.HelpOf(arguments.Words));
        return 0;
    }
}

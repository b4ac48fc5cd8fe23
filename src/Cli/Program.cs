using Rundlet.Cli.CommandLine;
using Rundlet.Cli.Commands;
using Rundlet.Syscalls;

namespace Rundlet.Cli;

/// <summary><c>rundlet</c>: containers from the command line.</summary>
internal static class Program
{
    private static readonly Command[] s_commands =
    [
        new RunCommand(), new ExecCommand(), new PsCommand(), new LogsCommand(), new StopCommand(), new StartCommand(), new KillCommand(),
        new RmCommand(), new InspectCommand(), new StatsCommand(), new ImagesCommand(), new ImportCommand(), new InfoCommand(), new VersionCommand(),
        new HelpCommand(),
    ];

    private static int Main(string[] words)
    {
        Session? session = null;
        Command? command = null;
        try
        {
            Arguments before = Arguments.Parse(words, Session.Options, "rundlet", freeWords: 1);
            session = new Session(before, s_commands);
            if (before.Has("version"))
                return VersionCommand.PrintShort();
            if (before.Words.Count == 0 || before.Has("help"))
            {
                Out.Text(HelpText.Of(s_commands, Session.Options));
                return before.Has("help") ? 0 : ErrorReport.UsageCode;
            }
            command = Session.Find(before.Words[0], s_commands);
            Arguments arguments = Arguments.Parse(before.Words.ToArray().AsSpan(1), command.Options, $"rundlet {command.Name}", command.FreeWords);
            if (arguments.Help)
            {
                Out.Text(HelpText.Of(command));
                return 0;
            }
            return command.Run(session, arguments);
        }
        catch (LinuxException e) when (e.Errno == Errno.EPIPE)
        {
            return 128 + SIG.PIPE; // whoever read our output went away
        }
        catch (Exception e)
        {
            // The one catch-all: an unhandled exception would abort with a dump.
            ErrorReport.Write(e, session?.Debug ?? false);
            return ErrorReport.CodeOf(e, command?.FailureCode ?? ErrorReport.UsageCode);
        }
    }
}

using Rundlet.Cli.CommandLine;
using Rundlet.Cli.Commands;
using Rundlet.Engine.Logs;
using Rundlet.Syscalls;

namespace Rundlet.Cli;

/// <summary><c>rundlet</c>: containers from the command line.</summary>
internal static class Program
{
    private static int Main(string[] words)
    {
        Session? session = null;
        Command? command = null;
        try
        {
            if (words is ["--pack-log", { } log])
            {
                LogPacking.Run(log); // for supervisors alone
                return 0;
            }
            CommandTable commands = CommandList.Make();
            Arguments before = Arguments.Parse(words, Session.Options, "rundlet", freeWords: 1);
            session = new Session(before, commands);
            if (before.Has("version"))
                return VersionCommand.PrintShort();
            if (before.Words.Count == 0 || before.Has("help"))
            {
                Out.Text(HelpText.Of(commands, Session.Options));
                return before.Has("help") ? 0 : ErrorReport.UsageCode;
            }
            CommandCall call = commands.Read(before.Words.ToArray());
            command = call.Command;
            if (call.Help is not { } help)
                return command!.Run(session, call.Arguments);
            Out.Text(help);
            return call.Arguments.Help ? 0 : ErrorReport.UsageCode;
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

using Rundlet.Linux;
using Rundlet.Oci;
using Rundlet.Runcs.CommandLine;
using Rundlet.Runcs.Commands;
using Rundlet.Syscalls;

namespace Rundlet.Runcs;

// What belongs in this project: the command line of the OCI runtime, one file per command, and the words it prints.
// What does not: anything that another program could want to call; that is the Runtime library.

/// <summary><c>runcs</c>: an OCI runtime with the command line of runc.</summary>
internal static class Program
{
    private const int UnknownCommandStatus = 3; // as runc

    private static readonly Command[] s_commands =
    [
        new CreateCommand(), new StartCommand(), new RunCommand(), new StateCommand(), new KillCommand(), new DeleteCommand(),
        new ListCommand(), new ExecCommand(), new SpecCommand(),
        new PauseCommand(), new ResumeCommand(), new PsCommand(), new UpdateCommand(), new MountsCommand(), new EventsCommand(),
        new FeaturesCommand(), new CheckpointCommand(), new RestoreCommand(),
    ];

    private static int Main(string[] words)
    {
        // Held back since before the runtime started, for its threads; this one takes them.
        LinuxException.ThrowIfError(Sys.rt_sigprocmask(SIG_HOW.UNBLOCK, Signals.All, out _), "unblock signals");
        Arguments before = new();
        GlobalOptions global = new(before);
        ErrorReport.Use(global);
        try
        {
            before.Take(words, GlobalOptions.Options, interspersed: false);
            global.Check();
        }
        catch (ContainerException wrong)
        {
            ErrorReport.Write(wrong);
            return 1;
        }
        if (before.Has("version"))
            return VersionText.Print();
        if (before.Help || before.Words.Count == 0 || before.Words[0] is "help")
            return HelpText.Print(s_commands);
        foreach (Command command in s_commands)
        {
            if (command.Name == before.Words[0])
                return Run(command, global, before.Words);
        }
        ErrorReport.Write(new ContainerException(ContainerErrorKind.InvalidArgument, $"unknown command '{before.Words[0]}'") { Hint = "runcs --help lists the commands" });
        return UnknownCommandStatus;
    }

    // The one catch-all: an unhandled exception would abort with a dump.
    private static int Run(Command command, GlobalOptions global, List<string> words)
    {
        try
        {
            Arguments arguments = Arguments.Parse(words.ToArray().AsSpan(1), command.Options, command.Interspersed);
            if (arguments.Help)
                return HelpText.Print(command);
            return command.Run(global, arguments);
        }
        catch (Exception failed) when (failed is ContainerException or LinuxException or SpecFormatException)
        {
            ErrorReport.Write(failed);
            return command.FailureStatus;
        }
        catch (Exception unexpected)
        {
            ErrorReport.Write(new ContainerException(ContainerErrorKind.Internal, $"unexpected {unexpected.GetType().Name}", global.Debug ? new InvalidOperationException(unexpected.ToString()) : unexpected));
            return command.FailureStatus;
        }
    }
}

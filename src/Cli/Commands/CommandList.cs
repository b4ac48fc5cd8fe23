using Rundlet.Cli.CommandLine;
using Rundlet.Cli.Commands.Networks;
using Rundlet.Cli.Commands.Secrets;
using Rundlet.Cli.Commands.Volumes;

namespace Rundlet.Cli.Commands;

/// <summary>Every command of the program, and the groups in which docker has them too. A command that stands in both is one object.</summary>
internal static class CommandList
{
    /// <summary>Makes the table.</summary>
    public static CommandTable Make()
    {
        Command run = new RunCommand(), exec = new ExecCommand(), ps = new PsCommand(), logs = new LogsCommand(), stop = new StopCommand();
        Command start = new StartCommand(), kill = new KillCommand(), rm = new RmCommand(), stats = new StatsCommand();
        Command create = new CreateCommand(), restart = new RestartCommand(), attach = new AttachCommand(), wait = new WaitCommand();
        Command pause = new PauseCommand(), unpause = new UnpauseCommand(), rename = new RenameCommand(), port = new PortCommand(), events = new EventsCommand();
        Command top = new TopCommand(), update = new UpdateCommand();
        Command commit = new CommitCommand(), diff = new DiffCommand(), export = new ExportCommand(), cp = new CpCommand();
        Command images = new ImagesCommand(), pull = new PullCommand(), push = new PushCommand(), history = new HistoryCommand(), tag = new TagCommand(), rmi = new RmiCommand();
        Command import = new ImportCommand(), save = new SaveCommand(), load = new LoadCommand();
        Command info = new InfoCommand();
        CommandEntry[] alone =
        [
            run, exec, ps, logs, stop, start, restart, kill, rm, create, attach, wait,
            pause, unpause, rename, update, port, top, new InspectCommand(), stats, new WhyCommand(),
            commit, cp, diff, export,
            images, pull, history, tag, rmi,
            import, save, load,
            push, new LoginCommand(), new LogoutCommand(),
            info, events, new ServeCommand(), new VersionCommand(), new HelpCommand(), new CompleteCommand(),
        ];
        CommandEntry[] container =
        [
            attach,
            commit,
            cp,
            create,
            diff,
            exec,
            export,
            new InspectCommand("container"),
            kill,
            logs,
            new("ls", ps, "list", "ps"),
            pause,
            port,
            new ContainerPruneCommand(),
            rename,
            restart,
            new("rm", rm, "remove"),
            run,
            start,
            stats,
            stop,
            top,
            unpause,
            update,
            wait,
        ];
        CommandEntry[] image =
        [
            history,
            import,
            new InspectCommand("image"),
            load,
            new("ls", images, "list"),
            new ImagePruneCommand(),
            pull,
            push,
            new("rm", rmi, "remove"),
            save,
            tag,
            new ImageVerifyCommand(),
        ];
        CommandEntry[] system =
        [
            new SystemAutostartCommand(),
            new SystemCheckCommand(),
            new SystemDfCommand(),
            events,
            info,
            new SystemPruneCommand(),
            new SystemShutdownCommand(),
        ];
        CommandEntry[] secret =
        [
            new SecretCreateCommand(),
            new SecretInspectCommand(),
            new("ls", new SecretListCommand(), "list"),
            new("rm", new SecretRemoveCommand(), "remove"),
        ];
        CommandEntry[] network =
        [
            new NetworkConnectCommand(),
            new NetworkCreateCommand(),
            new NetworkDiagnoseCommand(),
            new NetworkDisconnectCommand(),
            new InspectCommand("network"),
            new("ls", new NetworkListCommand(), "list"),
            new NetworkPruneCommand(),
            new NetworkReloadCommand(),
            new("rm", new NetworkRemoveCommand(), "remove"),
        ];
        CommandEntry[] volume =
        [
            new VolumeCreateCommand(),
            new VolumeExportCommand(),
            new VolumeImportCommand(),
            new InspectCommand("volume"),
            new("ls", new VolumeListCommand(), "list"),
            new VolumePruneCommand(),
            new VolumeRenameCommand(),
            new("rm", new VolumeRemoveCommand(), "remove"),
        ];
        return new CommandTable(
            alone,
            [
                new("container", "Work with containers.", container),
                new("generate", "Write files for other programs.", [new GenerateSystemdCommand()]),
                new("image", "Work with images.", image),
                new("network", "Work with networks.", network),
                new("secret", "Work with secrets.", secret),
                new("system", "Look after the engine.", system),
                new("volume", "Work with volumes.", volume),
            ]);
    }
}

using Rundlet.Cli.CommandLine;

namespace Rundlet.Cli.Commands;

/// <summary>Every command of the program, and the groups in which docker has them too.</summary>
internal static class CommandList
{
    /// <summary>Makes the table; a command that stands in a group as well is the same object there.</summary>
    public static CommandTable Make()
    {
        Command run = new RunCommand(), exec = new ExecCommand(), ps = new PsCommand(), logs = new LogsCommand(), stop = new StopCommand(), start = new StartCommand(),
            kill = new KillCommand(), rm = new RmCommand(), inspect = new InspectCommand(), stats = new StatsCommand();
        Command images = new ImagesCommand(), import = new ImportCommand(), pull = new PullCommand(), save = new SaveCommand(), load = new LoadCommand();
        Command commit = new CommitCommand(), diff = new DiffCommand(), export = new ExportCommand();
        Command info = new InfoCommand();
        return new CommandTable(
            [run, exec, ps, logs, stop, start, kill, rm, inspect, stats, commit, diff, export, images, import, pull, save, load, info, new VersionCommand(), new HelpCommand()],
            [
                new("container", "Work with containers.", [commit, diff, exec, export, inspect, kill, logs, new("ls", ps, "list", "ps"), new("rm", rm, "remove"), run, start, stats, stop]),
                new("image", "Work with images.", [import, load, new("ls", images, "list"), pull, save]),
                new("system", "Look after the engine.", [info]),
            ]);
    }
}

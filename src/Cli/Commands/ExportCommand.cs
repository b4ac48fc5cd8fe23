using Rundlet.Cli.CommandLine;
using Rundlet.Cli.Files;
using Rundlet.Cli.Output.Progress;
using Rundlet.Cli.Terminal;
using Rundlet.Engine;
using Rundlet.Engine.Operations;
using Rundlet.Engine.Options;
using Rundlet.Engine.State;

namespace Rundlet.Cli.Commands;

internal sealed class ExportCommand : Command
{
    private static Option LatestOption { get; } = new("timestamp", null, "TIME", "no file is newer than this: seconds since 1970 or RFC 3339 (default SOURCE_DATE_EPOCH, or as they are)");

    public override string Name => "export";

    public override string Usage => "CONTAINER";

    public override string Summary => "Write a container's files as a tar, without what is mounted on them.";

    public override IReadOnlyList<Option> Options =>
    [
        new("output", 'o', "FILE", "where to write (default standard output)"),
        LatestOption,
        .. ProgressDisplay.Options,
    ];

    public override IReadOnlyList<string> Examples => ["rundlet export web | rundlet import - web:flat"];

    public override int Run(Session session, Arguments arguments)
    {
        if (arguments.Words.Count != 1)
            throw Wants(arguments, "one container");
        DateTimeOffset? latest = TimestampOption.Read(arguments.Value("timestamp"));
        using ContainerEngine engine = session.OpenEngine();
        ContainerRecord record = engine.Containers.Get(arguments.Words[0]);
        return Interrupt.Run($"export of '{record.Name}'", null, cancel =>
        {
            using TransferProgress progress = TransferProgress.Open(arguments, "archive", "Exporting");
            using OutputFile output = OutputFile.Open(arguments.Value("output"), "an archive", progress.Add);
            ExportContainer.Run(engine, record, output, latest, cancel);
            output.Commit();
            progress.Finish("Exported");
            return 0;
        });
    }
}

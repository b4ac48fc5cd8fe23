using Rundlet.Cli.CommandLine;
using Rundlet.Cli.Output.Progress;
using Rundlet.Cli.Terminal;
using Rundlet.Engine;
using Rundlet.Engine.Operations;
using Rundlet.Engine.Options;
using Rundlet.Engine.State;
using Rundlet.Images.Diffs;
using Rundlet.Linux;

namespace Rundlet.Cli.Commands;

internal sealed class CommitCommand : Command
{
    /// <summary>The flag that changes how an image is run.</summary>
    public static Option ChangeOption { get; } = new("change", 'c', "CHANGE", "a change as in a Dockerfile: CMD, ENTRYPOINT, ENV, EXPOSE, LABEL, STOPSIGNAL, USER, VOLUME, WORKDIR; may be repeated");

    public override string Name => "commit";

    public override string Usage => "CONTAINER [NAME[:TAG]]";

    public override string Summary => "Make an image of a container: its image and what it wrote.";

    public override IReadOnlyList<Option> Options =>
    [
        new("author", 'a', "NAME", "who made it"),
        ChangeOption,
        new("compression", null, "gzip|zstd|none", "how the layer is packed (default gzip)"),
        new("message", 'm', "TEXT", "a note for its history"),
        new("pause", 'p', null, "hold the container still meanwhile (default true)"),
        new("timestamp", null, "TIME", "when it was made; no file is newer: seconds since 1970 or RFC 3339 (default SOURCE_DATE_EPOCH, or now)"),
        .. ProgressDisplay.Options,
    ];

    public override IReadOnlyList<string> Examples => ["rundlet commit -c 'CMD [\"/app\"]' -m 'with the app' box web:2"];

    public override int Run(Session session, Arguments arguments)
    {
        if (arguments.Words.Count is not (1 or 2))
            throw Wants(arguments, "a container, and the image's name or none");
        var request = new CommitRequest
        {
            Name = arguments.Words.Count == 2 ? arguments.Words[1] : null,
            Author = arguments.Value("author"),
            Message = arguments.Value("message"),
            Changes = arguments.Values("change"),
            Pause = arguments.Value("pause") != "false",
            Timestamp = TimestampOption.Read(arguments.Value("timestamp")),
            Compression = arguments.Value("compression") switch
            {
                null or "gzip" => LayerCompression.Gzip,
                "zstd" => LayerCompression.Zstd,
                "none" => LayerCompression.None,
                var other => throw new ContainerException(ContainerErrorKind.InvalidArgument, $"unknown compression '{other}'") { Hint = "there are gzip, zstd and none" },
            },
        };
        using ContainerEngine engine = session.OpenEngine();
        ContainerRecord record = engine.Containers.Get(arguments.Words[0]);
        Out.Line(Interrupt.Run($"commit of '{record.Name}'", null, cancel =>
        {
            using TransferProgress progress = TransferProgress.Open(arguments, "layer", "Packing");
            string id = CommitContainer.Run(engine, record, request with { Passed = progress.Add }, cancel);
            progress.Finish("Packed");
            return id;
        }));
        return 0;
    }
}

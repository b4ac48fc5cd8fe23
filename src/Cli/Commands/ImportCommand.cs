using Rundlet.Cli.CommandLine;
using Rundlet.Cli.Files;
using Rundlet.Cli.Output.Progress;
using Rundlet.Cli.Terminal;
using Rundlet.Engine;
using Rundlet.Engine.Operations;
using Rundlet.Engine.Options;
using Rundlet.Images;
using Rundlet.Images.Platforms;
using Rundlet.Linux;

namespace Rundlet.Cli.Commands;

internal sealed class ImportCommand : Command
{
    public override string Name => "import";

    public override string Usage => "TAR|- [NAME[:TAG]]";

    public override string Summary => "Make an image of a root file system: tar, tar.gz or tar.zst; - is standard input.";

    public override string Group => "Images";

    public override IReadOnlyList<Option> Options =>
    [
        CommitCommand.ChangeOption,
        new("message", 'm', "TEXT", "a note for its history"),
        new("platform", null, "OS/ARCH[/VARIANT]", "what it is made for (default this machine)"),
        new("timestamp", null, "TIME", "when it was made: seconds since 1970 or RFC 3339 (default SOURCE_DATE_EPOCH, or now)"),
        .. ProgressDisplay.Options,
    ];

    public override IReadOnlyList<string> Examples => ["mmdebstrap --variant=minbase bookworm - | rundlet import - debian:bookworm"];

    public override int Run(Session session, Arguments arguments)
    {
        if (arguments.Words.Count is not (1 or 2))
            throw Wants(arguments, "an archive, and a name or none");
        string source = arguments.Words[0];
        if (source.StartsWith("http://", StringComparison.OrdinalIgnoreCase) || source.StartsWith("https://", StringComparison.OrdinalIgnoreCase))
        {
            throw new ContainerException(ContainerErrorKind.Unsupported, $"'{source}' is not fetched: archives are read from files and standard input")
            {
                Hint = $"curl -fsSL '{source}' | rundlet import - NAME",
            };
        }
        var options = new ImportOptions
        {
            Message = arguments.Value("message"),
            Platform = arguments.Value("platform") is { } platform ? ImagePlatform.Parse(platform) : null,
            Created = TimestampOption.Read(arguments.Value("timestamp")),
        };
        using ContainerEngine engine = session.OpenEngine();
        Out.Line(Interrupt.Run("import", null, cancel =>
        {
            using TransferProgress progress = TransferProgress.Open(arguments, "archive", "Importing");
            using InputFile archive = InputFile.Open(source, "name a file, or redirect one", cancel, progress.Add);
            progress.Expect(archive.CanSeek ? archive.Length - archive.Position : 0);
            string id = ImportImage.Run(engine, archive, arguments.Words.Count == 2 ? arguments.Words[1] : null, arguments.Values("change"), options, cancel);
            progress.Finish("Imported");
            return id;
        }));
        return 0;
    }
}

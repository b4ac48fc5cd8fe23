using Rundlet.Cli.CommandLine;
using Rundlet.Cli.Files;
using Rundlet.Cli.Output.Progress;
using Rundlet.Cli.Terminal;
using Rundlet.Engine;
using Rundlet.Engine.Operations;
using Rundlet.Images.Archives;
using Rundlet.Linux;

namespace Rundlet.Cli.Commands;

internal sealed class SaveCommand : Command
{
    public override string Name => "save";

    public override string Usage => "IMAGE...";

    public override string Summary => "Write images into an archive; the same images give the same bytes.";

    public override string Group => "Images";

    public override IReadOnlyList<Option> Options =>
    [
        new("output", 'o', "FILE", "where to write (default standard output)"),
        new("format", null, "docker-archive|oci-archive", "form of the archive (default docker-archive); only oci-archive keeps digests"),
        .. ProgressDisplay.Options,
    ];

    public override IReadOnlyList<string> Examples => ["rundlet save -o images.tar debian web:2", "rundlet save --format oci-archive web | ssh host rundlet load"];

    public override int Run(Session session, Arguments arguments)
    {
        if (arguments.Words.Count == 0)
            throw Wants(arguments, "at least one image");
        ArchiveFormat format = arguments.Value("format") switch
        {
            null or "docker-archive" => ArchiveFormat.Docker,
            "oci-archive" => ArchiveFormat.Oci,
            var other => throw new ContainerException(ContainerErrorKind.InvalidArgument, $"unknown format '{other}'") { Hint = "there are docker-archive and oci-archive" },
        };
        using ContainerEngine engine = session.OpenEngine();
        return Interrupt.Run("saving", null, cancel =>
        {
            using TransferProgress progress = TransferProgress.Open(arguments, "archive", "Saving");
            using OutputFile output = OutputFile.Open(arguments.Value("output"), "an archive", progress.Add);
            SaveImages.Run(engine, arguments.Words, output, format, cancel);
            output.Commit();
            progress.Finish("Saved");
            return 0;
        });
    }
}

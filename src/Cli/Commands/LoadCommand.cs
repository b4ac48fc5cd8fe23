using Rundlet.Cli.CommandLine;
using Rundlet.Cli.Files;
using Rundlet.Cli.Output.Progress;
using Rundlet.Cli.Terminal;
using Rundlet.Engine;
using Rundlet.Engine.Operations;
using Rundlet.Images;
using Rundlet.Images.Platforms;

namespace Rundlet.Cli.Commands;

internal sealed class LoadCommand : Command
{
    public override string Name => "load";

    public override string Usage => "";

    public override string Summary => "Take images in from an archive of docker, podman or skopeo, or an OCI layout; it may be packed with gzip or zstd.";

    public override string Group => "Images";

    public override IReadOnlyList<Option> Options =>
    [
        new("input", 'i', "FILE", "what to read (default standard input)"),
        new("platform", null, "OS/ARCH[/VARIANT]", "which image of several (default this machine's)"),
        .. ProgressDisplay.Options,
    ];

    public override int Run(Session session, Arguments arguments)
    {
        RefuseWords(arguments);
        ImagePlatform? platform = arguments.Value("platform") is { } text ? ImagePlatform.Parse(text) : null;
        using ContainerEngine engine = session.OpenEngine();
        IReadOnlyList<LoadedImage> loaded = Interrupt.Run("loading", null, cancel =>
        {
            using IProgressDisplay display = ProgressDisplay.Open(arguments, fd: 2);
            // Where there is no terminal, a line for each layer says enough.
            var progress = new TransferProgress(display is PlainProgress ? new SilentProgress() : display, "archive", "Reading");
            using InputFile archive = InputFile.Open(arguments.Value("input"), "name a file with -i FILE, or redirect one", cancel, progress.Add);
            progress.Expect(archive.CanSeek ? archive.Length - archive.Position : 0);
            IReadOnlyList<LoadedImage> images = LoadImages.Run(engine, archive, new LoadOptions { Platform = platform, Progress = new LoadProgress(display) }, cancel);
            progress.Finish("Read");
            return images;
        });
        foreach (LoadedImage image in loaded)
            Out.Line(image.Name is { } name ? $"Loaded image: {name.Familiar}" : $"Loaded image ID: {image.Image.Id}");
        return 0;
    }
}

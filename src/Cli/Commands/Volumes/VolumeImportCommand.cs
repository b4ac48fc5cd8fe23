using Rundlet.Cli.CommandLine;
using Rundlet.Cli.Files;
using Rundlet.Cli.Terminal;
using Rundlet.Engine;
using Rundlet.Engine.Operations;

namespace Rundlet.Cli.Commands.Volumes;

internal sealed class VolumeImportCommand : Command
{
    public override string Name => "import";

    public override string Usage => "VOLUME [TAR|-]";

    public override string Summary => "Add the files of an archive to a volume: tar, tar.gz or tar.zst; - is standard input.";

    public override int Run(Session session, Arguments arguments)
    {
        if (arguments.Words.Count is not (1 or 2))
            throw Wants(arguments, "a volume, and an archive or none");
        using ContainerEngine engine = session.OpenEngine();
        string name = engine.Volumes.Get(arguments.Words[0]).Name;
        return Interrupt.Run($"import into volume '{name}'", null, cancel =>
        {
            using InputFile archive = InputFile.Open(arguments.Words.Count == 2 ? arguments.Words[1] : "-", "name a file, or redirect one", cancel);
            VolumeArchive.Import(engine, name, archive, cancel);
            return 0;
        });
    }
}

using Rundlet.Cli.CommandLine;
using Rundlet.Cli.Files;
using Rundlet.Cli.Terminal;
using Rundlet.Engine;
using Rundlet.Engine.Operations;

namespace Rundlet.Cli.Commands.Volumes;

internal sealed class VolumeExportCommand : Command
{
    public override string Name => "export";

    public override string Usage => "VOLUME";

    public override string Summary => "Write what is in a volume as a tar.";

    public override IReadOnlyList<Option> Options => [new("output", 'o', "FILE", "where to write (default standard output)")];

    public override IReadOnlyList<string> Examples => ["rundlet volume export data | rundlet volume import copy -"];

    public override int Run(Session session, Arguments arguments)
    {
        if (arguments.Words.Count != 1)
            throw Wants(arguments, "one volume");
        using ContainerEngine engine = session.OpenEngine();
        string name = engine.Volumes.Get(arguments.Words[0]).Name;
        return Interrupt.Run($"export of volume '{name}'", null, cancel =>
        {
            using OutputFile output = OutputFile.Open(arguments.Value("output"), "an archive");
            VolumeArchive.Export(engine, name, output, cancel);
            output.Commit();
            return 0;
        });
    }
}

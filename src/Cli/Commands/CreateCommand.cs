using Rundlet.Cli.CommandLine;
using Rundlet.Cli.Files;
using Rundlet.Engine;
using Rundlet.Engine.Operations;
using Rundlet.Engine.Options;
using Rundlet.Engine.State;
using Rundlet.Images.References;

namespace Rundlet.Cli.Commands;

internal sealed class CreateCommand : Command
{
    public override string Name => "create";

    public override string Usage => "IMAGE [COMMAND [ARG…]]";

    public override string Summary => "Make a container of an image; 'start' starts it.";

    public override IReadOnlyList<Option> Options => RunOptions.Create;

    public override IReadOnlyList<string> Examples => ["rundlet create --name web -p 8080:80 hello http 80"];

    public override int FreeWords => 1;

    public override int FailureCode => ErrorReport.UsageCode;

    public override int Run(Session session, Arguments arguments)
    {
        if (arguments.Words.Count == 0)
            throw Wants(arguments, "an image");
        ContainerOptions options = RunOptions.Read(arguments);
        using ContainerEngine engine = session.OpenEngine();
        (string name, NamedImage? image) = RunCommand.Ensure(engine, arguments);
        using IdFile? idFile = options.IdFile is { } path ? IdFile.Make(path) : null;
        ContainerRecord record = CreateContainer.Run(engine, options with { Image = name }, found: image);
        idFile?.Write(record.Id);
        engine.Containers.Release(record.Id);
        idFile?.Keep();
        Out.Line(record.Id);
        return 0;
    }
}

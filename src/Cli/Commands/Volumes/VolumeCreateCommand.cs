using Rundlet.Cli.CommandLine;
using Rundlet.Engine;
using Rundlet.Engine.Options;
using Rundlet.Engine.State;
using Rundlet.Engine.Volumes;

namespace Rundlet.Cli.Commands.Volumes;

internal sealed class VolumeCreateCommand : Command
{
    public override string Name => "create";

    public override string Usage => "[NAME]";

    public override string Summary => "Make a volume, and print its name; one that is there already stays as it is.";

    public override IReadOnlyList<Option> Options =>
    [
        new("driver", 'd', "local", "who keeps it; there is only local"),
        new("label", null, "KEY[=VALUE]", "attach metadata"),
        new("opt", 'o', "KEY=VALUE", "options of the driver"),
    ];

    public override int Run(Session session, Arguments arguments)
    {
        if (arguments.Words.Count > 1)
            throw Wants(arguments, "at most one name");
        if (arguments.Value("driver") is { } driver && driver != VolumeOptions.LocalDriver)
            throw VolumeOptions.UnknownDriver(driver);
        Dictionary<string, string> options = KeyValueOption.Parse(arguments.Values("opt"), "option", valueNeeded: true);
        VolumeOptions.Validate(options);
        bool isAnonymous = arguments.Words.Count == 0;
        var volume = new VolumeRecord
        {
            Name = isAnonymous ? VolumeName.MakeUp() : arguments.Words[0],
            Created = DateTimeOffset.UtcNow,
            IsAnonymous = isAnonymous,
            Labels = KeyValueOption.Parse(arguments.Values("label"), "label"),
            Options = options,
        };
        using ContainerEngine engine = session.OpenEngine();
        engine.Volumes.Create(volume);
        Out.Line(volume.Name);
        return 0;
    }
}

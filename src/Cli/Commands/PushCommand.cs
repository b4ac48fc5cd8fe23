using Rundlet.Cli.CommandLine;
using Rundlet.Cli.Output.Progress;
using Rundlet.Cli.Terminal;
using Rundlet.Engine;
using Rundlet.Engine.Operations;
using Rundlet.Images.Push;
using Rundlet.Images.References;

namespace Rundlet.Cli.Commands;

internal sealed class PushCommand : Command
{
    public override string Name => "push";

    public override string Usage => "NAME[:TAG]";

    public override string Summary => "Bring an image to a registry.";

    public override string Group => "Images";

    public override IReadOnlyList<Option> Options => [new("all-tags", 'a', null, "push all tags of the repository"), .. ProgressDisplay.Options];

    public override IReadOnlyList<string> Examples => ["rundlet tag web registry.example.com/team/web:2 && rundlet push registry.example.com/team/web:2"];

    public override int Run(Session session, Arguments arguments)
    {
        if (arguments.Words.Count != 1)
            throw Wants(arguments, "the name of an image");
        using ContainerEngine engine = session.OpenEngine();
        IReadOnlyList<ImageReference> references = PushImage.References(engine, arguments.Words[0], arguments.Has("all-tags"));
        bool quiet = ProgressDisplay.IsQuiet(arguments);
        using IProgressDisplay display = ProgressDisplay.Open(arguments);
        display.Say($"The push refers to repository [{references[0].Registry}/{references[0].Repository}]");
        void Done(PushedImage pushed)
        {
            if (!pushed.IsWhole)
                display.Say($"{pushed.Reference.Tag}: of several platforms, only that of this machine is here and was pushed");
            display.Say($"{pushed.Reference.Tag}: digest: {pushed.Digest} size: {pushed.Size}");
            if (quiet)
                Out.Line(pushed.Reference.ToString());
        }
        return Interrupt.Run($"push of '{references[0].FamiliarName}'", "push again: what has arrived is not sent twice", cancel =>
        {
            PushImage.Run(engine, references, new PushOptions { Progress = new PushProgress(display) }, Done, cancel);
            return 0;
        });
    }
}

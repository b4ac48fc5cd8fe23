using Rundlet.Cli.CommandLine;
using Rundlet.Cli.Output;
using Rundlet.Engine;
using Rundlet.Engine.Diagnosis;
using Rundlet.Engine.Operations;

namespace Rundlet.Cli.Commands;

internal sealed class WhyCommand : Command
{
    public override string Name => "why";

    public override string Usage => "CONTAINER";

    public override string Summary => "Explain why a container ended, or did not start.";

    public override IReadOnlyList<Option> Options => [DocumentFormatOption];

    public override IReadOnlyList<string> Examples => ["rundlet why web", "rundlet why --format json web"];

    public override int Run(Session session, Arguments arguments)
    {
        if (arguments.Words.Count != 1)
            throw Wants(arguments, "one container");
        DocumentFormat? format = arguments.Value("format") is { } text ? new DocumentFormat(text) : null;
        using ContainerEngine engine = session.OpenEngine();
        Explanation explanation = ExplainContainer.Run(engine, engine.Containers.Get(arguments.Words[0]));
        if (format is null)
            Out.Text(ExplanationText.Of(explanation, DateTimeOffset.UtcNow));
        else
            Out.Line(format.Print(Json.Object(json => ExplanationText.Write(json, explanation))));
        return 0;
    }
}

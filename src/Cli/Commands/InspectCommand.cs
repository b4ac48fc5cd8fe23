using System.Text.Json;
using Rundlet.Cli.CommandLine;
using Rundlet.Cli.Output;
using Rundlet.Engine;
using Rundlet.Engine.Operations;
using Rundlet.Linux;

namespace Rundlet.Cli.Commands;

internal sealed class InspectCommand : Command
{
    public override string Name => "inspect";

    public override string Usage => "CONTAINER…";

    public override string Summary => "Print everything about containers, as JSON.";

    public override IReadOnlyList<Option> Options => [DocumentFormatOption];

    public override int Run(Session session, Arguments arguments)
    {
        if (arguments.Words.Count == 0)
            throw Wants(arguments, "at least one container");
        DocumentFormat? format = arguments.Value("format") is { } template ? new DocumentFormat(template) : null;
        using ContainerEngine engine = session.OpenEngine();
        List<InspectContainer> found = [];
        int code = 0;
        foreach (string reference in arguments.Words)
        {
            try
            {
                found.Add(InspectContainer.Run(engine, engine.Containers.Get(reference)));
            }
            catch (ContainerException e)
            {
                ErrorReport.Write(e, session.Debug);
                code = ErrorReport.CodeOf(e, FailureCode);
            }
        }
        if (format is not null)
        {
            foreach (InspectContainer container in found)
                Out.Line(format.Print(Json.Object(json => ContainerJson.Write(json, engine.Paths, container))));
            return code;
        }
        Out.Line(Json.Array(found.Select(container => (Action<Utf8JsonWriter>)(json => ContainerJson.Write(json, engine.Paths, container)))));
        return code;
    }
}

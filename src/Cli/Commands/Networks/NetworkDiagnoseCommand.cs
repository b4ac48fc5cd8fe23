using System.Text;
using System.Text.Json;
using Rundlet.Cli.CommandLine;
using Rundlet.Cli.Output;
using Rundlet.Engine;
using Rundlet.Engine.Diagnosis;
using Rundlet.Engine.Operations;
using Rundlet.Engine.State;

namespace Rundlet.Cli.Commands.Networks;

internal sealed class NetworkDiagnoseCommand : Command
{
    public override string Name => "diagnose";

    public override string Usage => "CONTAINER";

    public override string Summary => "Follow a container's packets step by step, and say which step does not work.";

    public override IReadOnlyList<Option> Options => [DocumentFormatOption];

    public override int Run(Session session, Arguments arguments)
    {
        if (arguments.Words.Count != 1)
            throw Wants(arguments, "one container");
        DocumentFormat? format = arguments.Value("format") is { } text ? new DocumentFormat(text) : null;
        using ContainerEngine engine = session.OpenEngine();
        ContainerRecord record = engine.Containers.Get(arguments.Words[0]);
        IReadOnlyList<NetworkHop> hops = DiagnoseNetwork.Run(engine, record);
        if (format is null)
            Out.Text(TextOf(hops));
        else
            Out.Line(format.Print(Json.Object(json => Write(json, record, hops))));
        return hops.Any(static hop => hop.Works == false) ? 1 : 0;
    }

    private static string TextOf(IReadOnlyList<NetworkHop> hops)
    {
        StringBuilder text = new();
        foreach (NetworkHop hop in hops)
        {
            text.Append(WordOf(hop)).Append("  ").Append(hop.Name).Append(hop.Network.Length > 0 ? $" ({hop.Network})" : "").Append(": ").Append(Human.Printable(hop.Text)).Append('\n');
            if (hop is { Works: not true, Hint: { } hint })
                text.Append("        hint: ").Append(Human.Printable(hint)).Append('\n');
        }
        return text.ToString();
    }

    private static string WordOf(NetworkHop hop) => hop.Works switch { true => "ok    ", false => "FAILS ", null => "note  " };

    private static void Write(Utf8JsonWriter json, ContainerRecord record, IReadOnlyList<NetworkHop> hops)
    {
        json.WriteString("Id"u8, record.Id);
        json.WriteString("Name"u8, record.Name);
        json.WriteBoolean("Works"u8, hops.All(static hop => hop.Works != false));
        json.WriteStartArray("Steps"u8);
        foreach (NetworkHop hop in hops)
        {
            json.WriteStartObject();
            json.WriteString("Step"u8, hop.Name);
            json.WriteString("Network"u8, hop.Network);
            json.WriteString("Result"u8, hop.Works switch { true => "ok", false => "fails", null => "note" });
            json.WriteString("Text"u8, hop.Text);
            json.WriteString("Hint"u8, hop.Hint ?? "");
            json.WriteEndObject();
        }
        json.WriteEndArray();
    }
}

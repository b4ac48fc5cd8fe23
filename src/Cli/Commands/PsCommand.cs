using System.Text.Json;
using Rundlet.Cli.CommandLine;
using Rundlet.Cli.Output;
using Rundlet.Engine;
using Rundlet.Engine.Operations;
using Rundlet.Linux;

namespace Rundlet.Cli.Commands;

internal sealed class PsCommand : Command
{
    private const int CommandLength = 20;

    public override string Name => "ps";

    public override string Usage => "";

    public override string Summary => "List containers.";

    public override IReadOnlyList<Option> Options =>
    [
        new("all", 'a', null, "those that have ended too"),
        new("quiet", 'q', null, "ids only"),
        new("no-trunc", null, null, "do not shorten ids and commands"),
        new("format", null, "table|json", "how to print them (default table)"),
    ];

    public override int Run(Session session, Arguments arguments)
    {
        RefuseWords(arguments);
        using ContainerEngine engine = session.OpenEngine();
        List<ContainerSummary> containers = ListContainers.Run(engine, arguments.Has("all"));
        bool whole = arguments.Has("no-trunc");
        if (arguments.Has("quiet"))
        {
            foreach (ContainerSummary container in containers)
                Out.Line(whole ? container.Record.Id : container.Record.ShortId);
            return 0;
        }
        switch (arguments.Value("format"))
        {
            case null or "table":
                Out.Text(AsTable(containers, whole));
                return 0;
            case "json":
                foreach (ContainerSummary container in containers)
                    Out.Line(Json.Object(json => Write(json, container)));
                return 0;
            case var other:
                throw new ContainerException(ContainerErrorKind.InvalidArgument, $"unknown format '{other}'") { Hint = "there are table and json" };
        }
    }

    private static string AsTable(List<ContainerSummary> containers, bool whole)
    {
        DateTimeOffset now = DateTimeOffset.UtcNow;
        Table table = new("CONTAINER ID", "IMAGE", "COMMAND", "CREATED", "STATUS", "PORTS", "NAMES");
        foreach (ContainerSummary container in containers)
        {
            string command = CommandOf(container);
            if (!whole && command.Length > CommandLength)
                command = command[..(CommandLength - 1)] + "…";
            table.Add(
                whole ? container.Record.Id : container.Record.ShortId,
                container.Record.Image,
                $"\"{command}\"",
                Human.Ago(container.Record.Created, now),
                Human.Status(container.Standing, now),
                PortsOf(container),
                container.Record.Name);
        }
        return table.ToString();
    }

    private static void Write(Utf8JsonWriter json, ContainerSummary container)
    {
        DateTimeOffset now = DateTimeOffset.UtcNow;
        json.WriteString("ID"u8, container.Record.Id);
        json.WriteString("Names"u8, container.Record.Name);
        json.WriteString("Image"u8, container.Record.Image);
        json.WriteString("Command"u8, CommandOf(container));
        json.WriteString("CreatedAt"u8, container.Record.Created);
        json.WriteString("State"u8, container.Standing.Phase.ToString().ToLowerInvariant());
        json.WriteString("Status"u8, Human.Status(container.Standing, now));
        json.WriteString("Ports"u8, PortsOf(container));
        json.WriteString("Networks"u8, container.Network?.Name ?? "");
    }

    // What is shown comes from outside: a control character must not reach the terminal.
    private static string CommandOf(ContainerSummary container)
    {
        char[] text = container.Record.Command.ToCharArray();
        for (int i = 0; i < text.Length; i++)
        {
            if (char.IsControl(text[i]))
                text[i] = ' ';
        }
        return new string(text);
    }

    private static string PortsOf(ContainerSummary container) => string.Join(", ", container.Network?.Ports ?? []);
}

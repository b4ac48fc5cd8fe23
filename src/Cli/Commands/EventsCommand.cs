using Rundlet.Cli.CommandLine;
using Rundlet.Cli.Output;
using Rundlet.Cli.Output.Templates;
using Rundlet.Cli.Terminal;
using Rundlet.Engine;
using Rundlet.Engine.Events;
using Rundlet.Engine.Operations;
using Rundlet.Engine.Options;

namespace Rundlet.Cli.Commands;

internal sealed class EventsCommand : Command
{
    public override string Name => "events";

    public override string Usage => "";

    public override string Summary => "Print what happens to containers, images, volumes and networks, as it happens.";

    public override string Group => "About";

    public override IReadOnlyList<Option> Options =>
    [
        new("filter", 'f', "FILTER", "only such: container=, image=, volume=, network=, type=, event=, label=KEY[=VALUE]; also with != for others"),
        new("since", null, "MOMENT", "what has happened since then too: 10m, 2024-05-01T12:00:00, or seconds since 1970"),
        new("until", null, "MOMENT", "only what happens until then"),
        new("format", null, "json|TEMPLATE", "how to print them; a template is like '{{.Type}} {{.Action}} {{.Actor.ID}}'"),
    ];

    public override IReadOnlyList<string> Examples => ["rundlet events --since 1h --filter event=die --format '{{.Actor.Attributes.name}} {{.Actor.Attributes.exitCode}}'"];

    public override int Run(Session session, Arguments arguments)
    {
        RefuseWords(arguments);
        DateTimeOffset now = DateTimeOffset.UtcNow;
        DateTimeOffset? since = arguments.Value("since") is { } from ? MomentOption.Parse(from, now) : null;
        DateTimeOffset? until = arguments.Value("until") is { } to ? MomentOption.Parse(to, now) : null;
        EventFilter filter = EventFilter.Parse(arguments.Values("filter"));
        Func<EventRow, string> print = PrinterOf(arguments.Value("format"));
        using ContainerEngine engine = session.OpenEngine();
        return Interrupt.Watch(cancel =>
        {
            WatchEvents.Run(engine, since, until, filter, message => Out.Line(print(new EventRow(message))), cancel);
            return 0;
        });
    }

    private static Func<EventRow, string> PrinterOf(string? format)
    {
        if (format is null)
            return row => row.Line();
        if (format == "json")
            return row => TemplateValue.Json(row);
        Template template = Template.Parse(format, unescapes: true);
        return template.Render;
    }
}

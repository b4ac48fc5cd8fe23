using System.Globalization;
using Rundlet.Cli.CommandLine;
using Rundlet.Engine;
using Rundlet.Engine.Operations;
using Rundlet.Engine.State;
using Rundlet.Linux;

namespace Rundlet.Cli.Commands;

internal sealed class PortCommand : Command
{
    public override string Name => "port";

    public override string Usage => "CONTAINER [PORT[/udp]]";

    public override string Summary => "Print where the ports of a container are published.";

    public override int Run(Session session, Arguments arguments)
    {
        if (arguments.Words.Count is not (1 or 2))
            throw Wants(arguments, "a container, and a port or none");
        (int Number, string Protocol)? wanted = arguments.Words.Count == 2 ? Parse(arguments.Words[1]) : null;
        using ContainerEngine engine = session.OpenEngine();
        ContainerRecord record = engine.Containers.Get(arguments.Words[0]);
        List<PortNote> ports = [.. (NetworkNote.TryRead(engine.Paths, record.Id)?.Ports ?? []).SelectMany(port => port.Expand())];
        if (wanted is { } port)
            ports.RemoveAll(note => note.ContainerPort != port.Number || note.Protocol != port.Protocol);
        if (wanted is not null && ports.Count == 0)
            throw new ContainerException(ContainerErrorKind.NotFound, $"container '{record.Name}' publishes no port '{wanted.Value.Number}/{wanted.Value.Protocol}'");
        foreach (PortNote note in ports.OrderBy(note => note.ContainerPort).ThenBy(note => note.Protocol, StringComparer.Ordinal))
        {
            Out.Line(wanted is null ? $"{note.ContainerPort}/{note.Protocol} -> {note.HostPlace}" : note.HostPlace);
        }
        return 0;
    }

    private static (int, string) Parse(string text)
    {
        int slash = text.IndexOf('/');
        (string number, string protocol) = slash < 0 ? (text, "tcp") : (text[..slash], text[(slash + 1)..].ToLowerInvariant());
        return ushort.TryParse(number, NumberStyles.None, CultureInfo.InvariantCulture, out ushort port) && protocol is "tcp" or "udp" or "sctp"
            ? (port, protocol)
            : throw new ContainerException(ContainerErrorKind.InvalidArgument, $"invalid port '{text}'") { Hint = "write it as in 80 or 53/udp" };
    }
}

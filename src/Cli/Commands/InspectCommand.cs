using System.Text.Json;
using Rundlet.Cli.CommandLine;
using Rundlet.Cli.Output;
using Rundlet.Engine;
using Rundlet.Engine.Operations;
using Rundlet.Engine.State;
using Rundlet.Images;
using Rundlet.Images.References;
using Rundlet.Linux;

namespace Rundlet.Cli.Commands;

/// <summary><c>inspect</c>, and in groups the same for one kind of object.</summary>
/// <param name="kind">The kind, <c>container</c>, <c>image</c>, <c>network</c> or <c>volume</c>; null where <c>--type</c> may say it.</param>
internal sealed class InspectCommand(string? kind = null) : Command
{
    private static readonly string[] s_kinds = ["container", "image", "network", "volume"];

    private static Option SizeOption { get; } = new("size", 's', null, "count the files of containers too");

    public override string Name => "inspect";

    public override string Usage => kind is null ? "NAME…" : $"{kind.ToUpperInvariant()}…";

    public override string Summary => $"Print everything about {(kind is null ? "containers, images, networks and volumes" : $"{kind}s")}, as JSON.";

    public override IReadOnlyList<Option> Options => kind is null
        ? [DocumentFormatOption, new("type", null, "container|image|network|volume", "look for this kind only (default: in this order)"), SizeOption]
        : kind == "container" ? [DocumentFormatOption, SizeOption] : [DocumentFormatOption];

    public override int Run(Session session, Arguments arguments)
    {
        if (arguments.Words.Count == 0)
            throw Wants(arguments, $"at least one {kind ?? "name"}");
        string? wanted = kind ?? arguments.Value("type");
        if (wanted is not null && !s_kinds.Contains(wanted))
            throw new ContainerException(ContainerErrorKind.InvalidArgument, $"unknown type '{wanted}'") { Hint = $"there are {string.Join(", ", s_kinds)}" };
        DocumentFormat? format = arguments.Value("format") is { } template ? new DocumentFormat(template) : null;
        using ContainerEngine engine = session.OpenEngine();
        List<Action<Utf8JsonWriter>> found = [];
        int code = 0;
        foreach (string name in arguments.Words)
        {
            try
            {
                found.Add(Find(engine, name, wanted, arguments.Has("size")));
            }
            catch (ContainerException e) when (e.Kind != ContainerErrorKind.Internal)
            {
                ErrorReport.Write(e, session.Debug);
                code = ErrorReport.CodeOf(e, FailureCode);
            }
        }
        DocumentFormat.PrintAll(format, found);
        return code;
    }

    private static Action<Utf8JsonWriter> Find(ContainerEngine engine, string name, string? wanted, bool sizes)
    {
        if (wanted == "volume")
            return VolumeOf(engine, engine.Volumes.Get(name));
        if (wanted == "network")
            return NetworkOf(engine, engine.Networks.Get(name));
        if (wanted != "image" && TryContainer(engine, name, sizes, rethrows: wanted is not null) is { } container)
            return json => ContainerJson.Write(json, engine.Paths, container);
        try
        {
            Image image = engine.Images.Inspect(name);
            return json => ImageJson.Write(json, engine.Images.Store, image);
        }
        catch (ContainerException e) when (wanted is null && (e.Kind == ContainerErrorKind.NotFound || !ImageReference.TryParse(name, out _)))
        {
            if (engine.Networks.List().FirstOrDefault(network => network.Name == name || network.Id == name) is { } network)
                return NetworkOf(engine, network);
            if (engine.Volumes.List().FirstOrDefault(volume => volume.Name == name) is { } volume)
                return VolumeOf(engine, volume);
            throw new ContainerException(ContainerErrorKind.NotFound, $"no such container, image, network or volume '{name}'") { Hint = HintFor(engine, name) };
        }
    }

    private static Action<Utf8JsonWriter> VolumeOf(ContainerEngine engine, VolumeRecord volume) => json => VolumeJson.Write(json, engine.Paths, volume);

    private static Action<Utf8JsonWriter> NetworkOf(ContainerEngine engine, NetworkRecord network)
    {
        InspectNetwork inspected = InspectNetwork.Run(engine, network);
        return json => NetworkJson.Write(json, inspected);
    }

    private static InspectContainer? TryContainer(ContainerEngine engine, string name, bool sizes, bool rethrows)
    {
        try
        {
            return InspectContainer.Run(engine, engine.Containers.Get(name), sizes);
        }
        catch (ContainerException e) when (e.Kind == ContainerErrorKind.NotFound && !rethrows)
        {
            return null;
        }
    }

    private static string HintFor(ContainerEngine engine, string name)
    {
        IEnumerable<string> names = engine.Containers.List().Select(container => container.Name)
            .Concat(engine.Images.List().Select(image => ImageReference.Parse(image.Name!).FamiliarName))
            .Concat(engine.Networks.List().Select(network => network.Name))
            .Concat(engine.Volumes.List().Select(volume => volume.Name));
        return Nearest.Of(name, names) is { } near ? $"did you mean '{near}'?" : "rundlet ps -a, rundlet images, rundlet network ls and rundlet volume ls list what there is";
    }
}

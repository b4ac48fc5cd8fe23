using Rundlet.Engine.Options;
using Rundlet.Engine.State;
using Rundlet.Linux;

namespace Rundlet.Engine.Operations;

/// <summary>Containers whose namespaces another container shares. They are kept by id: a name may become another's.</summary>
internal static class SharedContainers
{
    /// <summary>The options with ids in place of names.</summary>
    /// <exception cref="ContainerException">NotFound; Conflict: its ipc namespace is its own.</exception>
    public static ContainerOptions Resolve(ContainerEngine engine, ContainerOptions options)
    {
        if (NamespaceOptions.ContainerOf(options.Network) is { } network)
            options = options with { Network = NamespaceOptions.Join(engine.Containers.Get(network).Id) };
        if (!options.Namespaces.Joined.Any())
            return options;
        foreach ((string kind, string name) in options.Namespaces.Joined.Where(joined => joined.Kind == "ipc"))
            RequireShareable(engine.Containers.Get(name));
        return options with { Namespaces = options.Namespaces.WithContainers(name => engine.Containers.Get(name).Id) };
    }

    /// <summary>Refuses to start what would share namespaces with a container that does not run.</summary>
    /// <exception cref="ContainerException">NotFound: it is gone; Conflict: it does not run.</exception>
    public static void RequireRunning(ContainerEngine engine, ContainerOptions options)
    {
        foreach ((string kind, string id) in Of(options))
        {
            ContainerRecord other = engine.Containers.Find(id)
                ?? throw new ContainerException(ContainerErrorKind.NotFound, $"the container '{id[..Math.Min(id.Length, 12)]}', whose {kind} namespace is to be shared, is gone");
            if (!engine.StandingOf(other).IsRunning)
            {
                throw new ContainerException(ContainerErrorKind.Conflict, $"container '{other.Name}', whose {kind} namespace is to be shared, is not running")
                {
                    Hint = $"start it first: rundlet start {other.Name}",
                };
            }
        }
    }

    /// <summary>The host name of the container whose names or network are shared; null where none is.</summary>
    public static string? HostNameOf(ContainerEngine engine, ContainerOptions options)
    {
        string? id = NamespaceOptions.ContainerOf(options.Namespaces.Uts) ?? NamespaceOptions.ContainerOf(options.Network);
        if (id is null)
            return null;
        ContainerRecord other = engine.Containers.Get(id);
        return InspectContainer.SpecOf(engine, other).Hostname;
    }

    /// <summary>Every kind of namespace that is another container's, with its id.</summary>
    public static IEnumerable<(string Kind, string Container)> Of(ContainerOptions options) =>
        NamespaceOptions.ContainerOf(options.Network) is { } network ? options.Namespaces.Joined.Prepend(("network", network)) : options.Namespaces.Joined;

    private static void RequireShareable(ContainerRecord other)
    {
        if (InspectContainer.OptionsOf(other).Namespaces.Ipc is "shareable" or "host")
            return;
        throw new ContainerException(ContainerErrorKind.Conflict, $"the ipc namespace of container '{other.Name}' is its own")
        {
            Hint = $"make it with --ipc=shareable",
        };
    }
}

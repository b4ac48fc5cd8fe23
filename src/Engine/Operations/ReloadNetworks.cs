using Rundlet.Engine.Lifecycle;
using Rundlet.Engine.Networks;
using Rundlet.Network;

namespace Rundlet.Engine.Operations;

/// <summary>Makes everything again that somebody may have removed from the kernel while containers run: bridges, rules, published ports.</summary>
public static class ReloadNetworks
{
    /// <summary>Does it for all networks and all running containers.</summary>
    /// <exception cref="Linux.ContainerException">What could not be made; everything else was.</exception>
    public static void Run(ContainerEngine engine)
    {
        List<(string, NetworkAttachment)> attached = [];
        HashSet<string> used = [];
        foreach (string id in Folders.Names(engine.Paths.LiveContainers))
        {
            if (NetworkNote.TryRead(engine.Paths, id) is not { IsOurs: true } note)
                continue;
            attached.Add((id, note.ToAttachment(id)));
            used.UnionWith(note.Endpoints.Select(endpoint => NetworkDefinitions.IdOf(endpoint.NetworkId)));
        }
        engine.Network.Reload(
            [.. engine.Networks.List().Where(network => used.Contains(network.Id) || !BuiltInNetworks.Contains(network.Name)).Select(network => NetworkDefinitions.Of(engine, network))], attached);
    }
}

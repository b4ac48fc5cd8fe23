using System.Text.Json.Nodes;

namespace Rundlet.Runcs.Tests;

/// <summary>What a container with a user namespace needs: maps, and a root file system that belongs to the mapped root.</summary>
internal static class UserNamespaces
{
    /// <summary>Maps the first thousand ids to 100000 and on, and the groups to 200000 and on.</summary>
    public static void Map(TestContainer container)
    {
        container.LinuxPart["uidMappings"] = new JsonArray(new JsonObject { ["containerID"] = 0, ["hostID"] = 100000, ["size"] = 1000 });
        container.LinuxPart["gidMappings"] = new JsonArray(new JsonObject { ["containerID"] = 0, ["hostID"] = 200000, ["size"] = 1000 });
    }

    /// <summary>Maps users and groups alike.</summary>
    public static void Map(TestContainer container, params Range[] ranges)
    {
        foreach (string member in new[] { "uidMappings", "gidMappings" })
            container.LinuxPart[member] = new JsonArray([.. ranges.Select(range => new JsonObject { ["containerID"] = range.Inside, ["hostID"] = range.Outside, ["size"] = range.Count })]);
    }

    /// <summary>Gives the root file system to the mapped root, or to whom else is named.</summary>
    public static void Chown(TestContainer container, string scratch, string owner = "100000:200000")
    {
        using BoundedProcess chown = BoundedProcess.Start($"{scratch}/chown", ["chown", "-R", owner, container.Rootfs]);
        chown.Wait().Good();
    }
}

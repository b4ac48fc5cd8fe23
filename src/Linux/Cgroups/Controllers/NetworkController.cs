namespace Rundlet.Linux.Cgroups.Controllers;

/// <summary>Marks on packets, v1 only: cgroup-v1/net_cls and net_prio. They have no figures.</summary>
internal static class NetworkController
{
    /// <summary>Writes the settings.</summary>
    public static void Apply(CgroupFolders folders, CgroupSettings settings)
    {
        if (settings.NetworkClassId is { } id)
            folders.Require(CgroupControllers.NetCls, "network class id").Write("net_cls.classid", id.ToString(), "network class id");
        foreach ((string name, uint priority) in settings.NetworkPriorities)
            folders.Require(CgroupControllers.NetPrio, "network priority").Write("net_prio.ifpriomap", $"{name} {priority}", $"network priority of {name}");
    }
}

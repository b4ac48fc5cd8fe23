namespace Rundlet.Linux.Cgroups;

/// <summary>The folders of one cgroup, one in each hierarchy, looked up by controller.</summary>
internal sealed class CgroupFolders(CgroupFolder[] all)
{
    /// <summary>Every folder.</summary>
    public CgroupFolder[] All { get; private set; } = all;

    /// <summary>The one of the cgroup2 mount; null where there is none.</summary>
    public CgroupFolder? Unified
    {
        get
        {
            foreach (CgroupFolder folder in All)
            {
                if (folder.IsV2)
                    return folder;
            }
            return null;
        }
    }

    /// <summary>The folder of the hierarchy that has the controller; null when it is not mounted.</summary>
    public CgroupFolder? Find(CgroupControllers controller)
    {
        foreach (CgroupFolder folder in All)
        {
            if ((folder.Controllers & controller) != 0)
                return folder;
        }
        return null;
    }

    /// <summary>As <see cref="Find"/>, for a setting that was asked for.</summary>
    /// <exception cref="ContainerException">The controller is not mounted.</exception>
    public CgroupFolder Require(CgroupControllers controller, string setting) =>
        Find(controller) ?? throw CgroupErrors.NoController(setting, controller);

    /// <summary>Forgets folders that cannot be had.</summary>
    public void Keep(List<CgroupFolder> folders) => All = [.. folders];
}

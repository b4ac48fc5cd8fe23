using Rundlet.Linux;
using Rundlet.Linux.Cgroups;
using Rundlet.Linux.Systemd;

namespace Rundlet.Runtime;

/// <summary>The scope of a container that is being created with systemd as the manager of cgroups.</summary>
internal sealed class SystemdScope : IDisposable
{
    private readonly SystemdManager _manager;
    private readonly SystemdUnit _unit;
    private readonly string _id;
    private readonly bool _isV2;
    private readonly List<SystemdProperty> _extra;
    private bool _isStarted;

    private SystemdScope(SystemdManager manager, SystemdUnit unit, string id, bool isV2, List<SystemdProperty> extra)
    {
        _manager = manager;
        _unit = unit;
        _id = id;
        _isV2 = isV2;
        _extra = extra;
        CgroupPath = manager.ControlGroup() + unit.CgroupPath;
    }

    /// <summary>Its place beneath the mount point of each hierarchy.</summary>
    public string CgroupPath { get; }

    /// <summary>The unit's name.</summary>
    public string Unit => _unit.Name;

    /// <summary>The scope that a request asks for; null where systemd is not asked.</summary>
    /// <exception cref="ContainerException">The path or an annotation is malformed, or there is no systemd.</exception>
    public static SystemdScope? For(CreateRequest request, CgroupLayout layout)
    {
        if (request.CgroupManager != CgroupManager.Systemd)
            return null;
        var unit = SystemdUnit.Parse(request.Spec.Linux!.CgroupsPath, request.Id, SystemdManager.IsUser);
        List<SystemdProperty> extra = SystemdProperty.FromAnnotations(request.Spec.Annotations);
        SystemdManager manager = SystemdManager.Connect();
        try
        {
            return new SystemdScope(manager, unit, request.Id, layout.Mode == CgroupMode.V2, extra);
        }
        catch
        {
            manager.Dispose();
            throw;
        }
    }

    /// <summary>Makes it, with a process in it.</summary>
    /// <exception cref="ContainerException">systemd refused.</exception>
    public void Start(int pid, CgroupSettings settings)
    {
        _manager.StartScope(_unit, _id, pid, settings, _isV2, _extra);
        _isStarted = true;
    }

    /// <summary>Ends it again, for a container that came to nothing.</summary>
    public void Undo()
    {
        if (!_isStarted)
            return;
        try
        {
            _manager.StopScope(Unit);
        }
        catch (ContainerException left)
        {
            _ = left; // ignored: the failure that led here is the one to tell, and a scope without a process ends by itself
        }
    }

    /// <inheritdoc/>
    public void Dispose() => _manager.Dispose();
}

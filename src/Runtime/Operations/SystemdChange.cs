using Rundlet.Linux;
using Rundlet.Linux.Cgroups;
using Rundlet.Linux.Systemd;

namespace Rundlet.Runtime;

/// <summary>Limits of a scope that were changed, and go back unless somebody calls <see cref="Keep"/>.</summary>
internal sealed class SystemdChange : IDisposable
{
    private readonly SystemdManager _manager;
    private readonly string _unit;
    private readonly IReadOnlyList<SystemdProperty> _undo;
    private bool _isKept;

    private SystemdChange(SystemdManager manager, string unit, IReadOnlyList<SystemdProperty> undo)
    {
        _manager = manager;
        _unit = unit;
        _undo = undo;
    }

    /// <summary>Tells systemd; null for a container that is in no scope.</summary>
    /// <exception cref="ContainerException">It refused; nothing changed.</exception>
    public static SystemdChange? Make(string unit, CgroupSettings settings, CgroupSettings before)
    {
        if (unit.Length == 0)
            return null;
        SystemdManager manager = SystemdManager.Connect();
        try
        {
            return new SystemdChange(manager, unit, manager.Update(unit, settings, before, CgroupLayout.Detect().Mode == CgroupMode.V2));
        }
        catch
        {
            manager.Dispose();
            throw;
        }
    }

    /// <summary>The new limits stay.</summary>
    public void Keep() => _isKept = true;

    /// <summary>Takes them back, unless they are kept.</summary>
    public void Dispose()
    {
        try
        {
            if (!_isKept)
                _manager.Set(_unit, _undo);
        }
        catch (ContainerException left)
        {
            _ = left; // ignored: what made the caller give up is the error to tell
        }
        _manager.Dispose();
    }
}

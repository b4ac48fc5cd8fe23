using Rundlet.Linux.Cgroups.Controllers;

namespace Rundlet.Linux.Cgroups;

/// <summary>
/// Settings that were written to a cgroup and are taken back unless somebody calls <see cref="Keep"/>: every file gets the
/// value that it had, in reverse order.
/// </summary>
public sealed class CgroupChange : IDisposable
{
    private readonly CgroupFolders _folders;
    private readonly CgroupSettings _before;
    private readonly CgroupJournal _journal = new();
    private bool _isDone;

    private CgroupChange(CgroupFolders folders, CgroupSettings before)
    {
        _folders = folders;
        _before = before;
    }

    /// <summary>Writes the settings.</summary>
    /// <exception cref="ContainerException">One was refused; all are as they were, or the message says which are not.</exception>
    internal static CgroupChange Make(Cgroup cgroup, CgroupFolders folders, CgroupSettings settings, CgroupSettings before)
    {
        var change = new CgroupChange(folders, before);
        change.Record(change._journal);
        try
        {
            cgroup.Apply(settings);
        }
        catch (ContainerException refused)
        {
            List<string> failures = change.Undo(settings.Devices is not null);
            if (failures.Count == 0)
                throw;
            throw new ContainerException(refused.Kind, $"{refused.Message}; and could not be taken back: {string.Join("; ", failures)}", refused.InnerException);
        }
        catch
        {
            _ = change.Undo(settings.Devices is not null); // ignored: the cgroup is gone, or worse; the first error is the one to tell
            throw;
        }
        finally
        {
            change.Record(null);
        }
        return change;
    }

    /// <summary>The new settings stay.</summary>
    public void Keep() => _isDone = true;

    /// <summary>Takes the settings back, unless they are kept.</summary>
    public void Dispose()
    {
        if (!_isDone)
            _ = Undo(withDevices: true); // ignored: what made the caller give up is the error to tell
    }

    private void Record(CgroupJournal? journal)
    {
        foreach (CgroupFolder folder in _folders.All)
            folder.Journal = journal;
    }

    private List<string> Undo(bool withDevices)
    {
        _isDone = true;
        Record(null);
        List<string> failures = _journal.Undo();
        if (withDevices && _before.Devices is not null)
        {
            try
            {
                DevicesController.Apply(_folders, _before.Devices, _before.BestEffort);
            }
            catch (ContainerException refused)
            {
                failures.Add(refused.Message);
            }
        }
        return failures;
    }
}

using Rundlet.Syscalls;

namespace Rundlet.Linux.Cgroups;

/// <summary>
/// Values that bound each other, such as a memory limit and the limit of memory and swap together: which may be
/// written first depends on what is there. What the kernel calls invalid is tried again after the others.
/// </summary>
internal sealed class DependentWrites(CgroupFolder folder)
{
    private readonly List<(string File, string Value, string Setting)> _waiting = [];

    /// <summary>Adds a value to write.</summary>
    public void Add(string file, string value, string setting) => _waiting.Add((file, value, setting));

    /// <summary>Writes them all.</summary>
    /// <exception cref="ContainerException">The kernel refuses one whatever the order.</exception>
    public void Run()
    {
        while (_waiting.Count > 0)
        {
            int before = _waiting.Count;
            for (int i = 0; i < _waiting.Count;)
            {
                (string file, string value, string setting) = _waiting[i];
                Errno error = folder.TryWrite(file, value);
                if (error == Errno.None)
                    _waiting.RemoveAt(i);
                else if (error == Errno.EINVAL)
                    i++;
                else
                    throw CgroupErrors.CannotWrite(folder, file, value, setting, error);
            }
            if (_waiting.Count == before)
            {
                (string file, string value, string setting) = _waiting[0];
                throw CgroupErrors.CannotWrite(folder, file, value, setting, Errno.EINVAL);
            }
        }
    }
}

using System.Text;
using Rundlet.Linux.Proc;
using Rundlet.Syscalls;

namespace Rundlet.Linux.Cgroups;

/// <summary>
/// What was in cgroup files before they were written, so that it can be written back. Most files hold one value, in the
/// words in which they take it; some have a line a device or interface, of which one write changes one.
/// </summary>
internal sealed class CgroupJournal
{
    private readonly List<(CgroupFolder Folder, string File, string Value)> _before = [];

    /// <summary>Notes what a file holds now.</summary>
    /// <param name="folder">The cgroup.</param>
    /// <param name="file">The file.</param>
    /// <param name="value">What is about to be written: its key matters.</param>
    public void Note(CgroupFolder folder, string file, string value)
    {
        try
        {
            if (folder.TryRead(file) is { } text)
                _before.Add((folder, file, OldValue(file, Encoding.UTF8.GetString(text), value)));
        }
        catch (LinuxException unreadable) when (unreadable.Errno is Errno.EACCES or Errno.EINVAL or Errno.EPERM)
        {
            _ = unreadable; // ignored: a file that can only be written has nothing to go back to
        }
    }

    /// <summary>Writes everything back, the last first. Values that bound each other are tried again after the others.</summary>
    /// <returns>What could not be written.</returns>
    public List<string> Undo()
    {
        _before.Reverse();
        List<string> failures = [];
        for (int left = int.MaxValue; _before.Count > 0 && _before.Count < left;)
        {
            left = _before.Count;
            failures.Clear();
            _before.RemoveAll(entry =>
            {
                Errno error = entry.Folder.TryWrite(entry.File, entry.Value);
                if (error != Errno.None)
                    failures.Add($"{entry.Folder.Path}/{entry.File} to '{entry.Value}': {error}");
                return error == Errno.None;
            });
        }
        return failures;
    }

    /// <summary>The words that bring a file back to its text.</summary>
    internal static string OldValue(string file, string text, string written)
    {
        if (file == "memory.oom_control")
            return FlatFile.FindOrZero(Encoding.UTF8.GetBytes(text), "oom_kill_disable"u8).ToString();
        if (KeyOf(file, written) is not { } key)
        {
            string first = file is "io.weight" or "io.bfq.weight" ? text.Split('\n')[0] : text.TrimEnd('\n');
            return first.Length == 0 ? "\n" : first; // no byte at all would be no write
        }
        foreach (string line in text.Split('\n'))
        {
            if (line.StartsWith(key + ' ', StringComparison.Ordinal))
                return line;
        }
        return $"{key} {Default(file)}";
    }

    private static string? KeyOf(string file, string written)
    {
        int space = written.IndexOf(' ');
        if (space <= 0)
            return null;
        string key = written[..space];
        if (file is "net_prio.ifpriomap" or "rdma.max")
            return key;
        ReadOnlySpan<byte> device = Encoding.UTF8.GetBytes(written);
        return FlatFile.TryDevice(ref device, out _, out _) ? key : null;
    }

    private static string Default(string file) => file switch
    {
        "io.max" => "rbps=max wbps=max riops=max wiops=max",
        "io.weight" or "io.bfq.weight" => "default",
        "io.latency" => "target=0",
        "rdma.max" => "hca_handle=max hca_object=max",
        _ => "0",
    };
}

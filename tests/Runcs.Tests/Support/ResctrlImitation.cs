using System.Globalization;
using System.Numerics;
using Rundlet.Syscalls;

namespace Rundlet.Runcs.Tests;

/// <summary>
/// What the kernel's resctrl does with its files, for a machine with two caches of twelve bits, bandwidth in steps of ten percent and room for
/// four groups: filesystems/resctrl.rst. Of what a program gets it takes no notice, and children are not born into a group.
/// </summary>
internal sealed class ResctrlImitation : FuseServer
{
    private const int MostGroups = 4;
    private const uint FullMask = 0xFFF;

    private readonly Lock _lock = new();
    private readonly Dictionary<FuseNode, Group> _groups = [];
    private readonly bool _hasBandwidth;
    private readonly Group _root;
    private string _status = "ok";

    public ResctrlImitation(bool bandwidth = true)
    {
        _hasBandwidth = bandwidth;
        _root = Fill(Root, control: null);
        FuseNode info = AddFolder(Root, "info");
        AddFile(info, "last_cmd_status", () => _status + "\n");
        Constants(info, "L3", ("cbm_mask", "fff"), ("min_cbm_bits", "2"), ("num_closids", "4"));
        Constants(info, "L3_MON", ("mon_features", "llc_occupancy\nmbm_total_bytes\nmbm_local_bytes"), ("num_rmids", "8"));
        if (bandwidth)
            Constants(info, "MB", ("bandwidth_gran", "10"), ("delay_linear", "1"), ("min_bandwidth", "10"), ("num_closids", "4"));
        MountInfo = $"{Directory.CreateTempSubdirectory("rundlet-mountinfo-").FullName}/mountinfo";
        File.WriteAllText(MountInfo, File.ReadAllText("/proc/self/mountinfo") + $"99999 1 0:99 / {MountPoint} rw - resctrl resctrl rw\n");
        // runc asks the processor too.
        File.WriteAllText($"{Path.GetDirectoryName(MountInfo)}/cpuinfo", "flags\t\t: fpu cat_l3 mba cqm_occup_llc cqm_mbm_total cqm_mbm_local\n");
        Begin();
    }

    /// <summary>A table of mounts in which this is the kernel's resctrl.</summary>
    public string MountInfo { get; }

    /// <summary>Called for every write of a task, before it has an effect.</summary>
    public Action<int>? OnTask { get; set; }

    /// <summary>Called when somebody reads what the default group has.</summary>
    public Action? OnLook { get; set; }

    /// <summary>The groups but the default one.</summary>
    public string[] Groups
    {
        get
        {
            lock (_lock)
                return [.. Root.Children.Where(child => _groups.ContainsKey(child.Value)).Select(child => child.Key).Order(StringComparer.Ordinal)];
        }
    }

    /// <summary>Starts a program so that it takes this for the kernel's.</summary>
    public string[] Launcher =>
    [
        "/usr/bin/unshare", "--mount", "--propagation", "private", "/bin/sh", "-c", "mount --bind \"$1\" /proc/$$/mountinfo && mount --bind \"${1%mountinfo}cpuinfo\" /proc/cpuinfo && shift && exec \"$@\"", "sh", MountInfo, RuntimeProgram.Path,
    ];

    /// <summary>The tasks of a group; <c>/</c> is the default one.</summary>
    public int[] Tasks(params string[] path)
    {
        lock (_lock)
            return [.. Find(path).Tasks];
    }

    /// <summary>The share of a group, a line for each resource.</summary>
    public string[] Schemata(string name)
    {
        lock (_lock)
            return Find(name).Text().Split('\n', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries);
    }

    /// <summary>Makes a group, as an administrator does.</summary>
    public void Make(string name, string schemata = "")
    {
        Directory.CreateDirectory($"{MountPoint}/{name}");
        if (schemata.Length > 0)
            File.WriteAllText($"{MountPoint}/{name}/schemata", schemata + "\n");
    }

    /// <summary>Unmounts it.</summary>
    public void End()
    {
        Dispose();
        Directory.Delete(Path.GetDirectoryName(MountInfo)!, recursive: true);
    }

    protected override Errno MakeFolder(FuseNode parent, string name)
    {
        lock (_lock)
        {
            _status = "ok";
            if (parent.Children.ContainsKey(name))
                return Errno.EEXIST;
            Group? control = _groups.Values.FirstOrDefault(group => group.Monitors == parent);
            if (parent != Root && control is null)
                return Errno.EPERM;
            if (parent == Root && _groups.Values.Count(group => group.Control is null) >= MostGroups)
            {
                _status = "Out of CLOSIDs";
                return Errno.ENOSPC;
            }
            Fill(AddFolder(parent, name), control);
            return Errno.None;
        }
    }

    protected override Errno RemoveFolder(FuseNode parent, string name)
    {
        lock (_lock)
        {
            if (!parent.Children.TryGetValue(name, out FuseNode? node))
                return Errno.ENOENT;
            if (!_groups.TryGetValue(node, out Group? group))
                return Errno.EPERM;
            if (group.Control is null)
                _root.Tasks.AddRange(group.Tasks);
            foreach (FuseNode monitor in group.Monitors?.Children.Values.ToList() ?? [])
                _groups.Remove(monitor);
            _groups.Remove(node);
            parent.Children.Remove(name);
            return Errno.None;
        }
    }

    private Group Fill(FuseNode folder, Group? control)
    {
        Group group = new() { Control = control, Monitors = control is null ? AddFolder(folder, "mon_groups") : null };
        for (int cache = 0; cache < 2; cache++)
        {
            group.Values[("L3", cache)] = FullMask;
            if (_hasBandwidth)
                group.Values[("MB", cache)] = 100;
        }
        _groups[folder] = group;
        AddFile(folder, "tasks", () => string.Concat(group.Tasks.Select(task => $"{task}\n")), text => Move(group, text));
        if (control is null)
            AddFile(folder, "schemata", () => Share(group), text => Change(group, text));
        FuseNode data = AddFolder(folder, "mon_data");
        for (int cache = 0; cache < 2; cache++)
        {
            int number = cache;
            FuseNode one = AddFolder(data, $"mon_L3_0{cache}");
            AddFile(one, "llc_occupancy", () => $"{1000 + number + (control is null ? 0 : 100)}\n");
            AddFile(one, "mbm_total_bytes", () => $"{2000 + number}\n");
            AddFile(one, "mbm_local_bytes", () => number == 0 ? "3000\n" : "0\n");
        }
        return group;
    }

    private string Share(Group group)
    {
        if (group == _root)
            OnLook?.Invoke();
        lock (_lock)
            return group.Text();
    }

    private Errno Move(Group group, string text)
    {
        int task = int.Parse(text, CultureInfo.InvariantCulture);
        OnTask?.Invoke(task);
        lock (_lock)
        {
            _status = "ok";
            if (!Directory.Exists($"/proc/{task}"))
                return Refuse(Errno.ESRCH, $"No task {task}");
            if (group.Control is { } control && !control.Tasks.Contains(task))
                return Refuse(Errno.EINVAL, "Can't move task to different control group");
            foreach (Group other in _groups.Values)
            {
                if (group.Control is null || other.Control is not null)
                    other.Tasks.Remove(task);
            }
            group.Tasks.Add(task);
            return Errno.None;
        }
    }

    private Errno Change(Group group, string text)
    {
        lock (_lock)
        {
            _status = "ok";
            if (!text.EndsWith('\n'))
                return Refuse(Errno.EINVAL, "");
            Dictionary<(string, int), uint> staged = [];
            foreach (string line in text[..^1].Split('\n'))
            {
                string[] parts = line.Split(':');
                if (parts.Length != 2)
                    return Refuse(Errno.EINVAL, "Missing ':'");
                foreach (string one in parts[1].Split(';'))
                {
                    string[] pair = one.Split('=');
                    (string, int) place = (parts[0].Trim(), int.Parse(pair[0], CultureInfo.InvariantCulture));
                    if (!group.Values.ContainsKey(place))
                        return Refuse(Errno.EINVAL, $"Unknown or unsupported resource name '{place.Item1}'");
                    if (staged.ContainsKey(place))
                        return Refuse(Errno.EINVAL, $"Duplicate domain {place.Item2}");
                    if (Value(place.Item1, pair[1]) is not { } value)
                        return Refuse(Errno.EINVAL, place.Item1 == "L3" ? $"The mask {pair[1]} has non-consecutive 1-bits" : $"MB value {pair[1]} out of range [10,100]");
                    staged[place] = value;
                }
            }
            foreach (((string, int) place, uint value) in staged)
                group.Values[place] = value;
            return Errno.None;
        }
    }

    private static uint? Value(string resource, string text)
    {
        if (resource == "MB")
            return uint.Parse(text, CultureInfo.InvariantCulture) is >= 10 and <= 100 and var percent ? (percent + 9) / 10 * 10 : null;
        uint mask = uint.Parse(text, NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture);
        bool consecutive = mask != 0 && mask <= FullMask && BitOperations.PopCount(mask) == 32 - BitOperations.LeadingZeroCount(mask) - BitOperations.TrailingZeroCount(mask);
        return consecutive ? mask : null;
    }

    private Errno Refuse(Errno errno, string status)
    {
        _status = status;
        return errno;
    }

    private Group Find(params string[] path)
    {
        FuseNode node = Root;
        foreach (string name in path is ["/", ..] ? path[1..] : path)
            node = node.Children[name];
        return _groups[node];
    }

    private void Constants(FuseNode parent, string folder, params (string Name, string Value)[] files)
    {
        FuseNode node = AddFolder(parent, folder);
        foreach ((string name, string value) in files)
            AddFile(node, name, () => value + "\n");
    }

    private sealed class Group
    {
        public Group? Control { get; init; }

        public FuseNode? Monitors { get; init; }

        public List<int> Tasks { get; } = [];

        public SortedDictionary<(string Resource, int Cache), uint> Values { get; } = [];

        public string Text() => string.Concat(Values.GroupBy(value => value.Key.Resource).Select(line =>
            $"{line.Key,6}:{string.Join(';', line.Select(one => $"{one.Key.Cache}={(line.Key == "MB" ? $"{one.Value,4}" : $"{one.Value:x3}")}"))}\n"));
    }
}

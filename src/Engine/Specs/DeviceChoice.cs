using Rundlet.Engine.Options;
using Rundlet.Linux;
using Rundlet.Oci;
using Rundlet.Syscalls;

namespace Rundlet.Engine.Specs;

/// <summary>The device nodes of a container, and the rules of what it may do with them.</summary>
internal static class DeviceChoice
{
    /// <summary>Adds what the user asks for to what every container has.</summary>
    /// <exception cref="ContainerException">NotFound or InvalidArgument: a device that is none.</exception>
    public static void Apply(ContainerOptions options, LinuxSpec linux)
    {
        bool privileged = options.Security.Privileged;
        List<DeviceRule> rules = privileged ? DefaultDevices.AllRules() : DefaultDevices.Rules();
        List<Device> nodes = privileged ? DefaultDevices.OfHost() : [];
        foreach (DeviceOption option in options.Devices.Nodes)
            Add(option, nodes, rules);
        if (!privileged)
            rules.AddRange(options.Devices.Rules.Select(DeviceRuleOption.Parse));
        linux.Resources!.Devices = privileged ? DefaultDevices.AllRules() : rules;
        linux.Devices = nodes.Count > 0 ? nodes : null;
    }

    private static void Add(DeviceOption option, List<Device> nodes, List<DeviceRule> rules)
    {
        if (HostDevice.TryFind(option.Source) is { } device)
        {
            Add(device, option.Target, option.Access, nodes, rules);
            return;
        }
        int before = nodes.Count;
        if (Directory.Exists(option.Source))
            AddFolder(option, option.Source, nodes, rules);
        if (nodes.Count == before)
            throw new ContainerException(ContainerErrorKind.InvalidArgument, $"'{option.Source}' is no device, nor a folder of devices");
    }

    // A node that goes meanwhile is left out, and so is a link: what it leads to may lie anywhere.
    private static void AddFolder(DeviceOption option, string folder, List<Device> nodes, List<DeviceRule> rules)
    {
        foreach (string path in Directory.EnumerateFileSystemEntries(folder))
        {
            if (Sys.statx(Sys.AT_FDCWD, path, AT.SYMLINK_NOFOLLOW, STATX.BASIC_STATS, out statx_t entry) < 0)
                continue;
            if ((entry.stx_mode & S.IFMT) == S.IFDIR)
                AddFolder(option, path, nodes, rules);
            else if (HostDevice.TryRead(entry) is { } device)
                Add(device, option.Target + path[option.Source.Length..], option.Access, nodes, rules);
        }
    }

    private static void Add(HostDevice device, string target, string access, List<Device> nodes, List<DeviceRule> rules)
    {
        nodes.RemoveAll(node => node.Path == target);
        nodes.Add(device.At(target));
        rules.Add(device.Allow(access));
    }
}

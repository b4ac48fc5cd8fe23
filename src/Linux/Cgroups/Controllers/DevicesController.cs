using Rundlet.Syscalls;

namespace Rundlet.Linux.Cgroups.Controllers;

/// <summary>Access to device nodes: cgroup-v1/devices; an eBPF program in v2. It has no figures.</summary>
internal static class DevicesController
{
    private const string Setting = "device rules";

    /// <summary>Writes the rules, with all denied before the first.</summary>
    public static void Apply(CgroupFolders folders, IReadOnlyList<DeviceAccessRule>? rules, bool bestEffort)
    {
        if (rules is null)
            return;
        try
        {
            if (folders.Find(CgroupControllers.Devices) is { } folder)
                ApplyV1(folder, rules);
            else if (folders.Unified is { } unified)
                DeviceProgram.Attach(unified, rules);
            else if (!bestEffort)
                throw CgroupErrors.NoController(Setting, CgroupControllers.Devices);
        }
        catch (LinuxException denied) when (bestEffort && denied.Errno is Errno.EPERM or Errno.EACCES)
        {
            return; // the caller said so: in a user namespace the kernel keeps device nodes from being opened by itself
        }
        catch (LinuxException refused)
        {
            throw new ContainerException(CgroupErrors.KindOf(refused.Errno), Setting, refused);
        }
    }

    private static void ApplyV1(CgroupFolder folder, IReadOnlyList<DeviceAccessRule> rules)
    {
        DeviceRulesV1 plan = DeviceRulesV1.From(rules);
        using OwnedFd allow = folder.OpenFile("devices.allow", O.WRONLY);
        using OwnedFd deny = folder.OpenFile("devices.deny", O.WRONLY);
        Write(folder, plan.AllowsByDefault ? allow : deny, plan.AllowsByDefault ? "devices.allow" : "devices.deny", "a");
        (OwnedFd fd, string file) = plan.AllowsByDefault ? (deny, "devices.deny") : (allow, "devices.allow");
        foreach (DeviceAccessRule rule in plan.Exceptions)
            Write(folder, fd, file, rule.Text);
    }

    private static void Write(CgroupFolder folder, OwnedFd fd, string file, string value) =>
        LinuxException.ThrowIfError(CgroupFolder.WriteValue(fd.Value, value), $"write '{value}' to", $"{folder.Path}/{file}");
}

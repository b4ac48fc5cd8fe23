namespace Rundlet.Linux.Labels;

/// <summary>Which security modules that label processes this kernel runs.</summary>
public static class SecurityModules
{
    private const string AppArmorSwitch = "/sys/module/apparmor/parameters/enabled";

    /// <summary>Whether AppArmor is built in and switched on, apparmor(7).</summary>
    public static bool HasAppArmor => File.Exists(AppArmorSwitch) && File.ReadAllText(AppArmorSwitch).StartsWith('Y');

    /// <summary>Whether SELinux is built in and switched on: then, and only then, the kernel has its file system.</summary>
    public static bool HasSelinux => File.ReadAllText("/proc/filesystems").Contains("\tselinuxfs\n", StringComparison.Ordinal);
}

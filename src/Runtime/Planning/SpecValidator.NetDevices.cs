using System.Text;
using Rundlet.Oci;

namespace Rundlet.Runtime.Planning;

internal static partial class SpecValidator
{
    private const int MaxDeviceName = 15; // bytes: IFNAMSIZ of linux/if.h without the NUL

    private static void ValidateNetDevices(LinuxSpec linux)
    {
        if (linux.NetDevices is not { Count: > 0 } devices)
            return;
        if (linux.Namespaces?.Find(item => item.Type == "network") is null)
            throw Invalid("linux.netDevices", "needs a network namespace of the container's own");
        HashSet<string> names = [];
        foreach ((string outside, NetDevice device) in devices)
        {
            RequireDeviceName(outside, pattern: false);
            string inside = device.Name is { Length: > 0 } given ? given : outside;
            RequireDeviceName(inside, pattern: true);
            if (!inside.Contains('%') && !names.Add(inside))
                throw Invalid("linux.netDevices", $"has two devices that are '{inside}' in the container");
        }
    }

    // dev_valid_name() of net/core/dev.c
    private static void RequireDeviceName(string name, bool pattern)
    {
        bool good = name.Length > 0 && Encoding.UTF8.GetByteCount(name) <= MaxDeviceName && name is not ("." or "..");
        foreach (char c in name)
            good &= c is not ('/' or ':' or '\0') && !char.IsWhiteSpace(c);
        int percent = name.IndexOf('%');
        good &= percent < 0 || (pattern && name.IndexOf('%', percent + 1) < 0 && percent + 1 < name.Length && name[percent + 1] == 'd');
        if (!good)
            throw Invalid("linux.netDevices", $"has the impossible name '{name}'");
    }
}

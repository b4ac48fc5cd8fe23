using Rundlet.Linux;
using Rundlet.Linux.Capabilities;
using Rundlet.Oci;
using Rundlet.Syscalls;

namespace Rundlet.Runtime.Planning;

/// <summary>Capabilities as the planner needs them: numbers for the spec's names, and what the caller has to give.</summary>
internal static class CapabilityTable
{
    /// <summary>The highest number that this build knows; the kernel may know fewer, and answers EINVAL beyond.</summary>
    public static int LastCapability => Capability.Count - 1;

    /// <summary>
    /// Warns of names that no kernel knows: they are left out. config.md, "process.capabilities": what cannot be granted must be told and
    /// should not fail; the process has less then, never more.
    /// </summary>
    public static void WarnOfUnknown(Capabilities? sets, Action<string>? warn)
    {
        if (sets is null || warn is null)
            return;
        List<string> told = [];
        foreach (List<string>? names in (ReadOnlySpan<List<string>?>)[sets.Bounding, sets.Effective, sets.Permitted, sets.Inheritable, sets.Ambient])
        {
            foreach (string name in names ?? [])
            {
                if (Capability.TryFromName(name, out _) || told.Contains(name))
                    continue;
                told.Add(name);
                warn($"process.capabilities: unknown capability '{name}' is left out");
            }
        }
    }

    /// <summary>What the caller may pass on.</summary>
    public static ulong Permitted()
    {
        Span<cap_user_data> data = stackalloc cap_user_data[2];
        LinuxException.ThrowIfError(Sys.capget(0, data), "capget");
        return data[0].permitted | (ulong)data[1].permitted << 32;
    }
}

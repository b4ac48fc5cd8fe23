using Rundlet.Linux;
using Rundlet.Linux.Capabilities;
using Rundlet.Syscalls;

namespace Rundlet.Runtime.Planning;

/// <summary>Capabilities as the planner needs them: numbers for the spec's names, and what the caller has to give.</summary>
internal static class CapabilityTable
{
    /// <summary>The highest number that this build knows; the kernel may know fewer, and answers EINVAL beyond.</summary>
    public static int LastCapability => Capability.Count - 1;

    /// <summary>The number of a name.</summary>
    /// <exception cref="ContainerException">The name is unknown.</exception>
    public static int NumberOf(string name, string set)
    {
        try
        {
            return (int)Capability.FromName(name);
        }
        catch (ContainerException unknown)
        {
            throw new ContainerException(ContainerErrorKind.InvalidArgument, $"process.capabilities.{set}", unknown);
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

using Rundlet.Oci;

namespace Rundlet.Runtime.Planning;

internal static class SeccompPlan
{
    public static byte[]? Compile(Seccomp? spec, out uint flags)
    {
        flags = 0;
        return null;
    }
}

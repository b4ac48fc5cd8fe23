using Rundlet.Linux;
using Rundlet.Syscalls;

namespace Rundlet.Engine.Images;

/// <summary>Which driver there is.</summary>
public static class StorageDrivers
{
    private const string Variable = "RUNDLET_STORAGE_DRIVER";

    /// <summary>What the environment's <c>RUNDLET_STORAGE_DRIVER</c> says: <c>overlay</c> or <c>copy</c>; else overlay where the kernel has it.</summary>
    /// <exception cref="ContainerException">InvalidArgument: another word.</exception>
    public static StorageDriver Choose(string? wanted) => wanted switch
    {
        null or "" => KernelHasOverlay() ? StorageDriver.Overlay : StorageDriver.Copy,
        "overlay" or "overlay2" => StorageDriver.Overlay,
        "copy" or "vfs" => StorageDriver.Copy,
        _ => throw new ContainerException(ContainerErrorKind.InvalidArgument, $"unknown storage driver '{wanted}' in {Variable}") { Hint = "there are overlay and copy" },
    };

    internal static StorageDriver FromEnvironment() => Choose(Environment.GetEnvironmentVariable(Variable));

    private static bool KernelHasOverlay()
    {
        int answer = Sys.fsopen("overlay");
        if (Sys.Is(answer, Errno.ENODEV))
            return false;
        if (answer >= 0)
            new OwnedFd(answer).Dispose();
        return true; // what else is wrong the mount will say
    }
}

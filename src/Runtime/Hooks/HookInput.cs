using Rundlet.Linux;
using Rundlet.Syscalls;

namespace Rundlet.Runtime;

/// <summary>
/// A hook's stdin: the state in a sealed file of memory and not in a pipe, so that nobody has to stay and write it, and
/// a hook that does not read it disturbs nobody.
/// </summary>
internal static class HookInput
{
    /// <summary>An empty one.</summary>
    /// <exception cref="LinuxException">The kernel refused.</exception>
    public static OwnedFd Make() => OwnedFd.FromAnswer(Sys.memfd_create("state", MFD.CLOEXEC | MFD.ALLOW_SEALING), "memfd_create");

    /// <summary>Writes the state; from then on nobody can change it.</summary>
    /// <exception cref="LinuxException">The kernel refused.</exception>
    public static void Fill(OwnedFd input, ReadOnlySpan<byte> state)
    {
        FileIo.WriteAll(input.Value, state, "hook's stdin");
        LinuxException.ThrowIfError((nint)Sys.lseek(input.Value, 0, 0), "rewind", "hook's stdin");
        LinuxException.ThrowIfError(Sys.fcntl(input.Value, F.ADD_SEALS, F.SEAL_SEAL | F.SEAL_SHRINK | F.SEAL_GROW | F.SEAL_WRITE), "seal", "hook's stdin");
    }
}

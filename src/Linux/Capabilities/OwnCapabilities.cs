using System.Buffers.Text;
using Rundlet.Syscalls;

namespace Rundlet.Linux.Capabilities;

/// <summary>The capabilities of the calling thread.</summary>
/// <param name="Effective">What it may do now.</param>
/// <param name="Permitted">What it may make effective.</param>
/// <param name="Inheritable">What passes through execve(2) to files that ask for it.</param>
/// <param name="Bounding">What no execve(2) can give back once it is gone.</param>
public readonly record struct OwnCapabilities(CapabilitySet Effective, CapabilitySet Permitted, CapabilitySet Inheritable, CapabilitySet Bounding)
{
    /// <summary>Reads them: capget(2), and prctl(2) for the bounding set.</summary>
    /// <exception cref="LinuxException">The kernel refused.</exception>
    public static OwnCapabilities Read()
    {
        Span<cap_user_data> data = stackalloc cap_user_data[2];
        LinuxException.ThrowIfError(Sys.capget(0, data), "capget");
        return new OwnCapabilities(
            Join(data[0].effective, data[1].effective),
            Join(data[0].permitted, data[1].permitted),
            Join(data[0].inheritable, data[1].inheritable),
            ReadBounding());
    }

    /// <summary>The highest number that this kernel knows.</summary>
    /// <exception cref="LinuxException">procfs could not be read.</exception>
    public static uint LastOfKernel()
    {
        const string Path = "/proc/sys/kernel/cap_last_cap";
        byte[] text = FileIo.ReadFile(Sys.AT_FDCWD, Path);
        return Utf8Parser.TryParse(text, out uint last, out _) ? last : throw new LinuxException(Errno.EBADMSG, "parse", Path);
    }

    /// <summary>One question for each number, until the kernel knows no more: cheaper than having it write /proc/self/status.</summary>
    private static CapabilitySet ReadBounding()
    {
        ulong bits = 0;
        for (int number = 0; number < 64; number++)
        {
            int answer = Sys.prctl(PR.CAPBSET_READ, number);
            if (Sys.Is(answer, Errno.EINVAL))
                break;
            if (LinuxException.ThrowIfError(answer, "read the bounding set") == 1)
                bits |= 1UL << number;
        }
        return new CapabilitySet(bits);
    }

    private static CapabilitySet Join(uint low, uint high) => new(low | (ulong)high << 32);
}

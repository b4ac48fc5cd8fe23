using System.Text;
using Rundlet.Syscalls;

namespace Rundlet.Linux.Mounts;

/// <summary>What the kernel says about a mount that it refuses: it reads from the context as lines <c>e ext4: …</c>.</summary>
internal static class MountContext
{
    /// <summary>Throws for an answer that is an error, with what the kernel says.</summary>
    /// <exception cref="LinuxException">The answer is an error.</exception>
    public static void Check(int answer, int context, string operation, string subject)
    {
        if (answer >= 0)
            return;
        Span<byte> message = stackalloc byte[512];
        nint length = Sys.read(context, message);
        string reason = length > 2 ? $"{subject}: {Encoding.UTF8.GetString(message[2..(int)length]).Trim()}" : subject;
        LinuxException.ThrowIfError(answer, operation, reason);
    }
}

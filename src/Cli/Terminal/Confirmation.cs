using System.Text;
using Rundlet.Cli.CommandLine;
using Rundlet.Linux;
using Rundlet.Syscalls;

namespace Rundlet.Cli.Terminal;

/// <summary>A question before something that cannot be undone.</summary>
internal static class Confirmation
{
    private const int LongestAnswer = 64;

    /// <summary>The flag that answers it.</summary>
    public static Option Option { get; } = new("force", 'f', null, "do not ask");

    /// <summary>Asks, unless <c>--force</c> is there, and reads the answer from standard input.</summary>
    /// <param name="arguments">With the flag above.</param>
    /// <param name="warning">What is going to happen, in whole sentences.</param>
    /// <exception cref="ContainerException">Conflict: the answer was not yes.</exception>
    public static void Demand(Arguments arguments, string warning)
    {
        if (arguments.Has("force"))
            return;
        Out.Text($"WARNING! {warning}\nAre you sure you want to continue? [y/N] ");
        if (ReadLine().Trim().ToLowerInvariant() is not ("y" or "yes"))
            throw new ContainerException(ContainerErrorKind.Conflict, "nothing was removed, since it was not confirmed") { Hint = "-f removes without asking" };
    }

    // By the byte: what follows the answer on a pipe is somebody else's.
    private static string ReadLine()
    {
        List<byte> line = [];
        byte[] one = new byte[1];
        while (line.Count < LongestAnswer)
        {
            nint got = Sys.read(0, one);
            if (Sys.Is(got, Errno.EINTR))
                continue;
            LinuxException.ThrowIfError(got, "read", "standard input");
            if (got == 0 || one[0] == (byte)'\n')
                break;
            line.Add(one[0]);
        }
        return Encoding.UTF8.GetString([.. line]);
    }
}

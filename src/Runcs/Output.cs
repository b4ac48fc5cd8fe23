using System.Text;
using Rundlet.Linux;

namespace Rundlet.Runcs;

/// <summary>Standard output, without the Console class and what it sets up.</summary>
internal static class Output
{
    /// <summary>Writes text as it is.</summary>
    /// <exception cref="Rundlet.Syscalls.LinuxException">Standard output is closed or full.</exception>
    public static void Write(string text) => FileIo.WriteAll(1, Encoding.UTF8.GetBytes(text), "stdout");

    /// <summary>Writes bytes as they are.</summary>
    /// <exception cref="Rundlet.Syscalls.LinuxException">As above.</exception>
    public static void Write(ReadOnlySpan<byte> bytes) => FileIo.WriteAll(1, bytes, "stdout");
}

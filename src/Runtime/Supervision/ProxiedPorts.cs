using System.Net;
using System.Text;
using Rundlet.Linux;
using Rundlet.Syscalls;

namespace Rundlet.Runtime.Supervision;

/// <summary>
/// The published ports of a container that the kernel cannot lead into it, so that its supervisor has to listen: <c>proxied-ports</c> in the
/// run folder, a line each. Written by the engine before the container's start and after each change; where there is no such file there are none.
/// <code>
///   tcp [::]:8080 172.30.0.2:80
/// </code>
/// </summary>
public static class ProxiedPorts
{
    /// <summary>The file's name in the run folder.</summary>
    public const string FileName = "proxied-ports";

    /// <summary>The most of a container: each costs a socket as long as the container is there.</summary>
    public const int Max = 128;

    private const int MaxFile = 64 << 10; // bytes
    private const uint Mode = 0x180; // 0600

    /// <summary>Writes the file, or removes it where there are none.</summary>
    /// <returns>Whether there is anything that the supervisor should look at: a file, or one that is gone.</returns>
    /// <exception cref="LinuxException">The kernel refused.</exception>
    public static bool Write(string runFolder, IReadOnlyList<ProxiedPort> ports)
    {
        if (ports.Count == 0)
        {
            int answer = Sys.unlinkat(Sys.AT_FDCWD, $"{runFolder}/{FileName}", 0);
            if (Sys.Is(answer, Errno.ENOENT))
                return false;
            LinuxException.ThrowIfError(answer, "unlink", $"{runFolder}/{FileName}");
            return true;
        }
        StringBuilder text = new();
        foreach (ProxiedPort port in ports.Take(Max))
            text.Append(port.IsDatagram ? ProxiedPort.DatagramWord : ProxiedPort.StreamWord).Append(' ').Append(port.At).Append(' ').Append(port.Target).Append('\n');
        using OwnedFd folder = FileIo.Open(Sys.AT_FDCWD, runFolder, O.RDONLY | O.DIRECTORY);
        FileIo.Replace(folder.Value, FileName, Encoding.ASCII.GetBytes(text.ToString()), Mode, durable: false);
        return true;
    }

    /// <summary>Reads the file; empty where there is none. A line that is not of this form is passed over.</summary>
    /// <exception cref="LinuxException">The kernel refused.</exception>
    public static IReadOnlyList<ProxiedPort> Read(string runFolder) =>
        FileIo.TryReadText($"{runFolder}/{FileName}", MaxFile) is { } text ? Parse(text) : [];

    internal static IReadOnlyList<ProxiedPort> Parse(string text)
    {
        List<ProxiedPort> ports = [];
        foreach (string line in text.Split('\n'))
        {
            string[] words = line.Split(' ');
            if (words is [ProxiedPort.StreamWord or ProxiedPort.DatagramWord, _, _] && ports.Count < Max
                && IPEndPoint.TryParse(words[1], out IPEndPoint? at) && at.Port != 0 && IPEndPoint.TryParse(words[2], out IPEndPoint? target) && target.Port != 0)
                ports.Add(new ProxiedPort(words[0] == ProxiedPort.DatagramWord, at, target));
        }
        return ports;
    }
}

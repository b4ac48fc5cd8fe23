using System.Buffers.Binary;
using System.Text;
using Rundlet.Syscalls;

namespace Rundlet.Runtime.Supervision;

/// <summary>
/// The control socket's address: a path in the run folder, never an abstract name, which every process of the same network
/// namespace could reach. Named through the folder's fd, so that the length of the folder's own path does not matter.
/// </summary>
public static class ControlAddress
{
    /// <summary>The socket's name in the run folder.</summary>
    public const string FileName = "control.sock";

    /// <summary>The <c>sockaddr_un</c> of the socket in an open run folder, good in this process while the folder is open.</summary>
    public static byte[] In(int runFolder)
    {
        string path = $"/proc/self/fd/{runFolder}/{FileName}";
        byte[] address = new byte[sizeof(ushort) + Encoding.ASCII.GetByteCount(path) + 1];
        BinaryPrimitives.WriteUInt16LittleEndian(address, AF.UNIX);
        Encoding.ASCII.GetBytes(path, address.AsSpan(sizeof(ushort)));
        return address;
    }
}

using System.Buffers.Binary;
using System.Text;
using Rundlet.Linux;
using Rundlet.Syscalls;

namespace Rundlet.Runtime;

/// <summary>
/// Where a runtime sends the master side of a terminal to: a socket in the run folder, one connection, one message. Named through the
/// folder's fd, so that the length of the folder's own path does not matter.
/// </summary>
internal sealed class ConsoleSocket : IDisposable
{
    private const string FileName = "console.sock";

    private readonly OwnedFd _folder;
    private readonly OwnedFd _socket;

    /// <summary>Listens.</summary>
    /// <exception cref="LinuxException">The kernel refused.</exception>
    public ConsoleSocket(OwnedFd folder)
    {
        _folder = folder;
        _socket = OwnedFd.FromAnswer(Sys.socket(AF.UNIX, SOCK.STREAM | SOCK.NONBLOCK, 0), "socket");
        Unlink();
        LinuxException.ThrowIfError(Sys.fchmod(_socket.Value, 0x180 /* 0600 */), "fchmod", FileName); // bind takes the mode over
        LinuxException.ThrowIfError(Sys.bind(_socket.Value, Address), "bind", FileName);
        LinuxException.ThrowIfError(Sys.listen(_socket.Value, 1), "listen", FileName);
    }

    /// <summary>Its path, for programs of the host.</summary>
    public string Path => $"/proc/{Sys.getpid()}/fd/{_folder.Value}/{FileName}";

    /// <summary>Takes what came, when the runtime has ended: the socket holds it.</summary>
    /// <exception cref="ContainerException">Nothing came.</exception>
    public OwnedFd Take()
    {
        int answer = Sys.accept4(_socket.Value, SOCK.NONBLOCK);
        if (answer < 0)
            throw Missing();
        using OwnedFd connection = new(answer);
        Span<byte> name = stackalloc byte[256];
        Span<int> fds = stackalloc int[1];
        nint got = Sys.ReceiveWithFds(connection.Value, name, fds, out int received, 0);
        return got >= 0 && received == 1 ? new OwnedFd(fds[0]) : throw Missing();
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _socket.Dispose();
        Unlink();
    }

    private byte[] Address
    {
        get
        {
            byte[] path = Encoding.ASCII.GetBytes($"/proc/self/fd/{_folder.Value}/{FileName}");
            byte[] address = new byte[sizeof(ushort) + path.Length + 1];
            BinaryPrimitives.WriteUInt16LittleEndian(address, AF.UNIX);
            path.CopyTo(address, sizeof(ushort));
            return address;
        }
    }

    private void Unlink() => _ = Sys.unlinkat(_folder.Value, FileName, 0); // ignored: absent as a rule; else bind says it

    private static ContainerException Missing() => new(ContainerErrorKind.Internal, "the runtime sent no terminal to its console socket");
}

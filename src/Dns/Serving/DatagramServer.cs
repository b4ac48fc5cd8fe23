using Rundlet.Dns.Wire;
using Rundlet.Linux;
using Rundlet.Syscalls;

namespace Rundlet.Dns.Serving;

/// <summary>Questions by UDP.</summary>
/// <param name="socket">The bound socket, not blocking; this one's from now on.</param>
/// <param name="handle">Takes a question.</param>
internal sealed class DatagramServer(OwnedFd socket, QuestionHandler handle) : IDisposable
{
    // One that asks without an end must not keep the rest from its turn.
    private const int PerTurn = 64;

    private readonly byte[] _buffer = new byte[DnsCodes.LargestDatagram];

    /// <summary>Takes what has come, some of it.</summary>
    public void Turn()
    {
        Client client = new() { Connection = -1 };
        for (int i = 0; i < PerTurn; i++)
        {
            nint got = Sys.recvfrom(socket.Value, _buffer, MSG.DONTWAIT | MSG.TRUNC, client.Address);
            if (got < 0)
            {
                if (Sys.Is(got, Errno.EAGAIN))
                    return;
                continue; // the error of an earlier answer, whose client is gone
            }
            if (got <= _buffer.Length && client.Address.Port != 0)
                handle(_buffer.AsSpan(0, (int)got), client);
        }
    }

    /// <summary>Answers. What the client's socket has no room for is lost, as datagrams are.</summary>
    public void Send(in SocketName address, ReadOnlySpan<byte> answer) =>
        _ = Sys.sendto(socket.Value, answer, MSG.DONTWAIT | MSG.NOSIGNAL, address.Bytes); // ignored: the client asks again

    /// <inheritdoc/>
    public void Dispose() => socket.Dispose();
}

/// <summary>Takes a question of a client.</summary>
internal delegate void QuestionHandler(ReadOnlySpan<byte> message, in Client client);

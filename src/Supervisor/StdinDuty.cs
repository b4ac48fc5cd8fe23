using Rundlet.Linux;
using Rundlet.Syscalls;

namespace Rundlet.Supervisor;

/// <summary>
/// Bytes from clients to the container's stdin. A client whose bytes the container does not take is not read from until it
/// does: at most one frame a client waits here.
/// </summary>
internal sealed class StdinDuty(EventLoop loop, OwnedFd fd, bool isTerminal) : IDisposable
{
    private readonly Queue<(byte[] Bytes, ControlClient Client)> _waiting = [];
    private int _sent;
    private bool _ends;
    private bool _closed;

    /// <summary>Sends bytes; the client pauses while some of them wait.</summary>
    public void Write(ReadOnlySpan<byte> bytes, ControlClient client)
    {
        if (_closed || _ends)
            return;
        if (_waiting.Count == 0)
            bytes = bytes[Put(bytes)..];
        if (bytes.IsEmpty || _closed)
            return;
        if (!loop.Watches(fd))
            loop.Add(fd, EPOLL.OUT, _ => Flush());
        _waiting.Enqueue((bytes.ToArray(), client));
        client.Pause();
    }

    /// <summary>Ends stdin after what waits. A terminal has no end: its program reads the user's end-of-file character.</summary>
    public void End()
    {
        if (isTerminal || _closed)
            return;
        _ends = true;
        if (_waiting.Count == 0)
            Close();
    }

    /// <summary>Gives a terminal a new size.</summary>
    /// <exception cref="ContainerException">It is not a terminal.</exception>
    public void Resize(ushort rows, ushort columns)
    {
        if (!isTerminal || _closed)
            throw new ContainerException(ContainerErrorKind.Conflict, "the container has no terminal");
        winsize size = new() { ws_row = rows, ws_col = columns };
        LinuxException.ThrowIfError(Sys.ioctl(fd.Value, TIO.SWINSZ, ref size), "set the size of the terminal");
    }

    /// <inheritdoc/>
    public void Dispose() => Close();

    private void Flush()
    {
        while (_waiting.TryPeek(out (byte[] Bytes, ControlClient Client) item))
        {
            _sent += Put(item.Bytes.AsSpan(_sent));
            if (_closed || _sent < item.Bytes.Length)
                return;
            _sent = 0;
            _waiting.Dequeue();
            item.Client.Resume(); // which may write the client's next frame
        }
        if (_ends)
            Close();
        else if (!_closed)
            loop.Remove(fd);
    }

    private int Put(ReadOnlySpan<byte> bytes)
    {
        nint put = Sys.write(fd.Value, bytes);
        if (Sys.Is(put, Errno.EAGAIN) || Sys.Is(put, Errno.EINTR))
            return 0;
        if (Sys.Is(put, Errno.EPIPE) || Sys.Is(put, Errno.EIO))
        {
            Close(); // the container has closed its stdin: what still comes has no reader
            return bytes.Length;
        }
        return (int)LinuxException.ThrowIfError(put, "write to the container's stdin");
    }

    private void Close()
    {
        if (_closed)
            return;
        _closed = true;
        loop.Remove(fd);
        fd.Dispose();
        while (_waiting.TryDequeue(out (byte[] Bytes, ControlClient Client) item))
            item.Client.Resume();
    }
}

using System.Net.Sockets;
using System.Text;
using Rundlet.Linux;
using Rundlet.Syscalls;

namespace Rundlet.Runcs.Tests;

/// <summary>The other end of <c>--console-socket</c>, as an engine's.</summary>
internal sealed class ConsoleListener : IDisposable
{
    private readonly Socket _socket = new(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);

    public ConsoleListener(string path)
    {
        Path = path;
        _socket.Bind(new UnixDomainSocketEndPoint(path));
        _socket.Listen(1);
    }

    public string Path { get; }

    /// <summary>Whether somebody has connected, or does in a time.</summary>
    public bool IsConnected(TimeSpan time) => _socket.Poll(time, SelectMode.SelectRead);

    /// <summary>Takes the one connection and the terminal that comes with its one message.</summary>
    public TerminalMaster Receive()
    {
        Assert.True(_socket.Poll(BoundedProcess.Patience, SelectMode.SelectRead), "nobody connected to the console socket");
        using Socket connection = _socket.Accept();
        byte[] data = new byte[4096];
        int[] fds = new int[1];
        nint got = Sys.ReceiveWithFds((int)connection.Handle, data, fds, out int received, 0);
        Assert.True(got > 0);
        Assert.Equal(1, received);
        return new TerminalMaster(new OwnedFd(fds[0]), Encoding.UTF8.GetString(data, 0, (int)got));
    }

    public void Dispose()
    {
        _socket.Dispose();
        File.Delete(Path);
    }
}

/// <summary>The master side of a container's terminal.</summary>
internal sealed class TerminalMaster(OwnedFd fd, string name) : IDisposable
{
    public int Fd => fd.Value;

    /// <summary>The data that came with it.</summary>
    public string Name => name;

    /// <summary>Reads until a text has come.</summary>
    public string ReadUntil(string text)
    {
        StringBuilder all = new();
        byte[] buffer = new byte[4096];
        Span<pollfd> ready = [new pollfd { fd = Fd, events = POLL.IN }];
        while (!all.ToString().Contains(text, StringComparison.Ordinal))
        {
            Assert.True(Sys.poll(ready, (int)BoundedProcess.Patience.TotalMilliseconds) > 0, $"no '{text}' in '{all}'");
            nint got = Sys.read(Fd, buffer);
            Assert.True(got > 0, $"the terminal closed after '{all}'");
            all.Append(Encoding.UTF8.GetString(buffer, 0, (int)got));
        }
        return all.ToString();
    }

    public void Write(string text) => FileIo.WriteAll(Fd, Encoding.UTF8.GetBytes(text), "terminal");

    public void Resize(ushort rows, ushort columns)
    {
        winsize size = new() { ws_row = rows, ws_col = columns };
        LinuxException.ThrowIfError(Sys.ioctl(Fd, TIO.SWINSZ, ref size), "resize");
    }

    public void Dispose() => fd.Dispose();
}

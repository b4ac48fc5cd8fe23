using Rundlet.Linux;
using Rundlet.Syscalls;

namespace Rundlet.Cli.Http;

// What belongs in this folder: as much of HTTP as a page of metrics takes, on one thread around poll(2), without a word of what is
// served. The APIs that are to come have a web server of their own.

/// <summary>
/// Answers requests on a listening socket, each on a connection of its own. Waits in poll(2) and is woken by nothing but clients; a
/// client that is slow, or many of them, only make each other wait.
/// </summary>
/// <param name="listener">The socket; stays the caller's.</param>
/// <param name="answer">Answers a good request; must not throw.</param>
/// <param name="answered">Gets the status of each answer.</param>
/// <param name="limits">How much one client gets.</param>
internal sealed class HttpServer(OwnedFd listener, Func<RequestHead, HttpAnswer> answer, Action<int> answered, HttpLimits limits) : IDisposable
{
    private const int Pause = 1_000;

    private readonly List<HttpConnection> _connections = [];
    private long _pausedUntil;

    /// <summary>Serves until <paramref name="stop"/> can be read.</summary>
    /// <exception cref="LinuxException">The kernel refused.</exception>
    public void Run(OwnedFd stop)
    {
        LinuxException.ThrowIfError(Sys.fcntl(listener.Value, F.SETFL, O.NONBLOCK), "make not blocking", "the listening socket");
        pollfd[] fds = new pollfd[2 + limits.Connections];
        while (true)
        {
            long now = Environment.TickCount64;
            fds[0] = new pollfd { fd = stop.Value, events = POLL.IN };
            bool listens = _connections.Count < limits.Connections && now >= _pausedUntil;
            fds[1] = new pollfd { fd = listens ? listener.Value : -1, events = POLL.IN };
            for (int i = 0; i < _connections.Count; i++)
                fds[2 + i] = new pollfd { fd = _connections[i].Fd, events = _connections[i].Wants };
            int ready = Sys.poll(fds.AsSpan(0, 2 + _connections.Count), TimeoutFrom(now));
            if (!Sys.Is(ready, Errno.EINTR))
                LinuxException.ThrowIfError(ready, "poll");
            if (fds[0].revents != 0)
                return;
            if (ready < 0)
                continue;
            int known = _connections.Count;
            if (fds[1].revents != 0)
                Accept();
            Serve(fds.AsSpan(2, known));
        }
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        foreach (HttpConnection connection in _connections)
            connection.Dispose();
        _connections.Clear();
    }

    private int TimeoutFrom(long now)
    {
        long next = _pausedUntil > now ? _pausedUntil : long.MaxValue;
        foreach (HttpConnection connection in _connections)
            next = Math.Min(next, connection.Deadline);
        return next == long.MaxValue ? -1 : (int)Math.Clamp(next - now, 0, int.MaxValue);
    }

    private void Accept()
    {
        while (_connections.Count < limits.Connections)
        {
            int client = Sys.accept4(listener.Value, SOCK.NONBLOCK);
            if (client >= 0)
            {
                _connections.Add(new HttpConnection(new OwnedFd(client), answer, answered, limits, Environment.TickCount64));
                continue;
            }
            // Out of descriptors or memory the client waits on in the kernel, and poll(2) would say so for ever.
            if (Sys.ErrorOf(client) is Errno.EMFILE or Errno.ENFILE or Errno.ENOBUFS or Errno.ENOMEM)
                _pausedUntil = Environment.TickCount64 + Pause;
            if (Sys.ErrorOf(client) is not (Errno.EINTR or Errno.ECONNABORTED))
                return; // no more for now; other errors are about that one client
        }
    }

    private void Serve(ReadOnlySpan<pollfd> fds)
    {
        // One moment for all: an answer that took long to make must not make the next client late.
        long now = Environment.TickCount64;
        for (int i = 0; i < fds.Length; i++)
        {
            HttpConnection connection = _connections[i];
            if (fds[i].revents != 0)
                connection.Advance(Environment.TickCount64);
            if (!connection.IsDone && now >= connection.Deadline)
                connection.Expire();
        }
        for (int i = _connections.Count - 1; i >= 0; i--)
        {
            if (!_connections[i].IsDone)
                continue;
            _connections[i].Dispose();
            _connections.RemoveAt(i);
        }
    }
}

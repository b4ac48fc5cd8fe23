using System.Net.Sockets;
using System.Runtime.InteropServices;
using System.Text.Json.Nodes;
using Rundlet.Linux;
using Rundlet.Syscalls;

namespace Rundlet.Runcs.Tests;

/// <summary>
/// Who listens at <c>linux.seccomp.listenerPath</c>: takes connections, one process each, and answers every notified call of theirs
/// until it is disposed (seccomp_unotify(2)).
/// </summary>
internal sealed class SeccompAgent : IDisposable
{
    private readonly Socket _socket = new(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
    private readonly List<Thread> _threads = [];
    private readonly List<int> _calls = [];
    private readonly OwnedFd _end = OwnedFd.FromAnswer(Sys.eventfd2(0, 0), "eventfd");
    private readonly Func<int, int?> _errnoOf;
    private readonly bool _hangsUp;

    /// <summary>Listens.</summary>
    /// <param name="path">Where.</param>
    /// <param name="errnoOf">For a call's number: the errno it fails with, or null to let the kernel do it.</param>
    /// <param name="hangsUp">Whether to close each listener at once.</param>
    public SeccompAgent(string path, Func<int, int?> errnoOf, bool hangsUp = false)
    {
        Path = path;
        _errnoOf = errnoOf;
        _hangsUp = hangsUp;
        _socket.Bind(new UnixDomainSocketEndPoint(path));
        _socket.Listen(8);
        Begin(AcceptAll);
    }

    public string Path { get; }

    /// <summary>What came over each connection, in order.</summary>
    public List<JsonObject> Told { get; } = [];

    /// <summary>Waits until so much came.</summary>
    public void AwaitTold(int count)
    {
        lock (Told)
        {
            while (Told.Count < count)
                Assert.True(Monitor.Wait(Told, BoundedProcess.Patience), $"fewer than {count} connections");
        }
    }

    /// <summary>The numbers of all calls that were notified.</summary>
    public int[] Calls
    {
        get
        {
            lock (_calls)
                return [.. _calls];
        }
    }

    public void Dispose()
    {
        FileIo.WriteAll(_end.Value, [1, 0, 0, 0, 0, 0, 0, 0], "eventfd");
        Thread[] threads;
        lock (_threads)
            threads = [.. _threads];
        foreach (Thread thread in threads)
            Assert.True(thread.Join(BoundedProcess.Patience));
        _socket.Dispose();
        _end.Dispose();
        File.Delete(Path);
    }

    private void Begin(Action work)
    {
        Thread thread = new(() => work()) { IsBackground = true };
        lock (_threads)
            _threads.Add(thread);
        thread.Start();
    }

    private bool IsReady(int fd)
    {
        Span<pollfd> wait = [new pollfd { fd = fd, events = POLL.IN }, new pollfd { fd = _end.Value, events = POLL.IN }];
        while (true)
        {
            int ready = Sys.poll(wait, -1);
            if (ready > 0)
                return (wait[1].revents & POLL.IN) == 0 && (wait[0].revents & POLL.IN) != 0;
        }
    }

    private void AcceptAll()
    {
        while (IsReady((int)_socket.Handle))
        {
            using Socket connection = _socket.Accept();
            List<byte> text = [];
            byte[] data = new byte[4096];
            int[] fds = new int[1];
            int listener = -1;
            // To the end of the connection: the runtime must close it, and nobody else may hold it open.
            while (true)
            {
                nint got = Sys.ReceiveWithFds((int)connection.Handle, data, fds, out int received, 0);
                if (got <= 0)
                    break;
                if (received > 0)
                    listener = fds[0];
                text.AddRange(data.AsSpan(0, (int)got));
            }
            lock (Told)
            {
                Told.Add(JsonNode.Parse(text.ToArray())!.AsObject());
                Monitor.PulseAll(Told);
            }
            if (_hangsUp)
                _ = Sys.close(listener); // ignored: the fd is gone whatever close(2) answers
            else
                Begin(() => Answer(new OwnedFd(listener)));
        }
    }

    private void Answer(OwnedFd listener)
    {
        const uint Receive = 0xC050_2100, Send = 0xC018_2101; // SECCOMP_IOCTL_NOTIF_RECV, _SEND
        const uint Continue = 1; // SECCOMP_USER_NOTIF_FLAG_CONTINUE
        using (listener)
        {
            while (IsReady(listener.Value))
            {
                Notification call = default;
                if (Sys.ioctl(listener.Value, Receive, ref call) < 0)
                    continue; // it was killed meanwhile
                lock (_calls)
                    _calls.Add(call.Number);
                int? errno = _errnoOf(call.Number);
                Response response = new() { Id = call.Id, Error = -(errno ?? 0), Flags = errno is null ? Continue : 0 };
                _ = Sys.ioctl(listener.Value, Send, ref response); // ignored: as above
            }
        }
    }

    /// <summary><c>struct seccomp_notif</c>.</summary>
    [StructLayout(LayoutKind.Sequential)]
    private struct Notification
    {
        public ulong Id;
        public uint Pid;
        public uint Flags;
        public int Number;
        public uint Architecture;
        public ulong Place;
        public Arguments Arguments;
    }

    [System.Runtime.CompilerServices.InlineArray(6)]
    private struct Arguments
    {
        private ulong _first;
    }

    /// <summary><c>struct seccomp_notif_resp</c>.</summary>
    [StructLayout(LayoutKind.Sequential)]
    private struct Response
    {
        public ulong Id;
        public long Value;
        public int Error;
        public uint Flags;
    }
}

using System.Runtime.InteropServices;
using Rundlet.Linux;
using Rundlet.Runtime.Supervision;
using Rundlet.Syscalls;

namespace Rundlet.Engine.Events;

/// <summary>Reads the event log: what is in both files, then what comes, whichever file it comes into; see <see cref="EventLog"/> for how files change names.</summary>
public sealed class EventReader : IDisposable
{
    private readonly string _path;
    private readonly OwnedFd? _notify;
    private readonly OwnedFd? _canceled;

    // The oldest first. One that has lost its name may still get the line of a writer that opened it before, until the next change.
    private List<EventFile> _files = [];

    /// <summary>Opens the log.</summary>
    /// <param name="paths">Where it is.</param>
    /// <param name="follow">Whether <see cref="Wait"/> will be called.</param>
    /// <param name="onlyNew">Whether what is there already is passed over.</param>
    /// <exception cref="LinuxException">The kernel refused.</exception>
    public EventReader(EnginePaths paths, bool follow, bool onlyNew)
    {
        _path = paths.EventFile;
        if (follow)
        {
            string folder = Path.GetDirectoryName(_path)!;
            ContainerEngine.EnsureFolder(folder);
            _notify = OwnedFd.FromAnswer(Sys.inotify_init1(O.NONBLOCK), "inotify_init1");
            _canceled = OwnedFd.FromAnswer(Sys.eventfd2(0, 0), "eventfd2");
            LinuxException.ThrowIfError(Sys.inotify_add_watch(_notify.Value, folder, IN.MODIFY | IN.CREATE | IN.MOVED_TO), "inotify_add_watch", folder);
        }
        OpenNew();
        if (!onlyNew)
            return;
        foreach (EventFile file in _files)
            file.SkipToEnd();
    }

    /// <summary>Gives what is there and was not given yet, file by file.</summary>
    public void Read(Action<EventMessage> take)
    {
        do
        {
            foreach (EventFile file in _files)
                file.Read(take);
        }
        while (OpenNew());
        DropOld();
    }

    /// <summary>Waits until there may be more.</summary>
    /// <param name="milliseconds">The longest to wait; negative for ever.</param>
    /// <param name="cancellation">Ends it.</param>
    /// <exception cref="OperationCanceledException">It was canceled.</exception>
    public void Wait(int milliseconds, CancellationToken cancellation)
    {
        using CancellationTokenRegistration registration = cancellation.UnsafeRegister(
            static fd => Sys.write(((OwnedFd)fd!).Value, MemoryMarshal.AsBytes<ulong>([1UL])), _canceled);
        Span<pollfd> fds = [new pollfd { fd = _notify!.Value, events = POLL.IN }, new pollfd { fd = _canceled!.Value, events = POLL.IN }];
        int answer = Sys.poll(fds, milliseconds);
        cancellation.ThrowIfCancellationRequested();
        if (!Sys.Is(answer, Errno.EINTR))
            LinuxException.ThrowIfError(answer, "poll");
        Span<byte> notes = stackalloc byte[4096];
        while (Sys.read(_notify.Value, notes) > 0)
        {
            // what happened does not matter: the reader looks itself
        }
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        foreach (EventFile file in _files)
            file.Dispose();
        _notify?.Dispose();
        _canceled?.Dispose();
    }

    // The newer one first: if it is renamed in between, it is found again as the older one. Whether there is one that was not open yet.
    private bool OpenNew()
    {
        EventFile? newer = EventFile.TryOpen(_path);
        EventFile? older = EventFile.TryOpen(_path + EventLog.OlderSuffix);
        bool isNew = AddIfNew(older, besides: newer);
        return AddIfNew(newer, besides: null) || isNew;
    }

    private bool AddIfNew(EventFile? file, EventFile? besides)
    {
        if (file is null)
            return false;
        if (file.Inode == besides?.Inode || _files.Exists(open => open.Inode == file.Inode))
        {
            file.Dispose();
            return false;
        }
        _files.Add(file);
        return true;
    }

    private void DropOld()
    {
        const int MostFiles = 2;
        foreach (EventFile file in _files.SkipLast(MostFiles))
            file.Dispose();
        _files = [.. _files.TakeLast(MostFiles)];
    }
}

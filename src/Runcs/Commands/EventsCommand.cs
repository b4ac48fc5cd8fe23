using System.Diagnostics;
using Rundlet.Linux;
using Rundlet.Linux.Cgroups;
using Rundlet.Runcs.CommandLine;
using Rundlet.Runtime;
using Rundlet.Syscalls;

namespace Rundlet.Runcs.Commands;

/// <summary><c>runcs events</c>: a line of JSON with what a container uses, once or again and again, and one each time memory ran out.</summary>
internal sealed class EventsCommand : Command
{
    private const int DefaultMilliseconds = 5000;

    public override string Name => "events";

    public override string Usage => "ID";

    public override string Summary => "print what a container uses, and when its memory runs out";

    public override IReadOnlyList<Option> Options =>
    [
        new("interval", null, "DURATION", "how often: 500ms, 5s, 1m30s (default 5s)"),
        new("stats", null, null, "once, and end"),
    ];

    public override int Run(GlobalOptions global, Arguments arguments)
    {
        string id = OnlyWord(arguments);
        int interval = arguments.Value("interval") is { } text ? Duration.ParseMilliseconds(text, "interval") : DefaultMilliseconds;
        if (interval <= 0)
            throw new ContainerException(ContainerErrorKind.InvalidArgument, "duration interval must be greater than 0");
        using ContainerHandle container = ContainerHandle.Look(global.Store, id);
        if (container.Status is ContainerStatus.Stopped or ContainerStatus.Creating)
            throw new ContainerException(ContainerErrorKind.Conflict, $"container with id {id} is not running");
        using OwnedFd process = container.OpenProcess();
        using Cgroup cgroup = container.OpenCgroup();
        if (arguments.Has("stats"))
            Output.Write(EventJson.Stats(id, cgroup.Stats(), container.RdtStats()));
        else
            Stream(container, cgroup, process, interval);
        return 0;
    }

    // Ends with the container's first process; what its last moments brought is told first.
    private static void Stream(ContainerHandle container, Cgroup cgroup, OwnedFd process, int interval)
    {
        string id = container.Folder.Id;
        using OomWatch? watch = cgroup.WatchOom();
        Span<pollfd> fds = [new pollfd { fd = process.Value, events = POLL.IN }, new pollfd { fd = watch?.Fd ?? -1, events = POLL.IN }];
        long last = Stopwatch.GetTimestamp();
        while (true)
        {
            int left = interval - (int)Stopwatch.GetElapsedTime(last).TotalMilliseconds;
            int ready = Sys.poll(fds, Math.Max(left, 0));
            if (!Sys.Is(ready, Errno.EINTR))
                LinuxException.ThrowIfError(ready, "poll", "events");
            bool ended = ready > 0 && fds[0].revents != 0;
            if (watch?.Take() == true)
                Output.Write(EventJson.Oom(id));
            if (ended)
                return;
            if (Stopwatch.GetElapsedTime(last).TotalMilliseconds < interval)
                continue;
            last = Stopwatch.GetTimestamp();
            if (TryStats(container, cgroup) is not { } line)
                return;
            Output.Write(line);
        }
    }

    private static byte[]? TryStats(ContainerHandle container, Cgroup cgroup)
    {
        try
        {
            return EventJson.Stats(container.Folder.Id, cgroup.Stats(), container.RdtStats());
        }
        catch (LinuxException gone) when (gone.Errno is Errno.ENOENT or Errno.ENODEV)
        {
            return null; // deleted meanwhile
        }
    }
}

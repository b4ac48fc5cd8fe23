using Rundlet.Engine.Lifecycle;
using Rundlet.Engine.Logs;
using Rundlet.Engine.Options;
using Rundlet.Engine.State;
using Rundlet.Linux;
using Rundlet.Runtime.Supervision;

namespace Rundlet.Engine.Operations;

/// <summary>What a container has written.</summary>
public static class ContainerLogs
{
    /// <summary>The log's name in the container's folder.</summary>
    public const string FileName = "container.log";

    // A container that is being started again shows nothing that could be waited for until its supervisor is there.
    private const int StartingMilliseconds = 100;

    /// <summary>Where the log of a container lies.</summary>
    public static string PathOf(EnginePaths paths, string id) => $"{paths.Container(id)}/{FileName}";

    /// <summary>Reads the log.</summary>
    /// <param name="engine">The engine.</param>
    /// <param name="record">The container.</param>
    /// <param name="request">Which part.</param>
    /// <param name="write">Gets each record.</param>
    /// <param name="caughtUp">Called when all that is there was given.</param>
    /// <param name="cancellation">Ends a following.</param>
    /// <returns>How many lines were damaged and passed over.</returns>
    /// <exception cref="ContainerException">Unsupported: the container keeps no log, or none that can be read here.</exception>
    /// <exception cref="OperationCanceledException">It was canceled.</exception>
    public static long Run(ContainerEngine engine, ContainerRecord record, LogRequest request, LogVisitor write, Action caughtUp, CancellationToken cancellation = default)
    {
        LogOptions options = InspectContainer.OptionsOf(record).Log ?? LogOptions.Default;
        using ILogSource source = options.Driver switch
        {
            LogOptions.None => throw Unreadable(record),
            LogOptions.Journald => new JournalSource(record.Id, request),
            _ => new FileSource(PathOf(engine.Paths, record.Id), request),
        };
        if (!request.Follow)
        {
            source.Read(write);
            caughtUp();
            return source.Damaged;
        }
        using var watch = new LogWatch(engine.Paths, record.Id, source.Fd);
        while (true)
        {
            // Asked before the reading: what an ended container wrote is in the log, so the reading after it is the last.
            ContainerStanding standing = engine.StandingOf(record);
            if (standing.NeedsRepair)
                standing = engine.Repair(record); // its supervisor was killed: it goes on under another one
            bool isSupervised = IsSupervised(standing), isStarting = !isSupervised && IsBeingStarted(engine, record);
            int milliseconds = MillisecondsUntil(request.Until);
            if (!isSupervised)
                source.Settle();
            source.Read(write);
            caughtUp();
            if ((!isSupervised && !isStarting) || milliseconds == 0)
                return source.Damaged;
            watch.Wait(isSupervised ? standing.State : null, isStarting ? StartingMilliseconds : milliseconds, cancellation);
        }
    }

    /// <summary>Empties the log, also of a container that runs.</summary>
    /// <exception cref="ContainerException">Unsupported: it has none, or none that can be emptied; Conflict: another command is at it.</exception>
    public static void Clear(ContainerEngine engine, ContainerRecord record)
    {
        LogOptions options = InspectContainer.OptionsOf(record).Log ?? LogOptions.Default;
        if (options.Driver == LogOptions.None)
            throw Unreadable(record);
        if (options.Driver == LogOptions.Journald)
            throw new ContainerException(ContainerErrorKind.Unsupported, $"the log of container '{record.Name}' is in the journal, which cannot forget one container") { Hint = "journalctl --vacuum-time removes what is old, of everybody" };
        if (IsSupervised(engine.StandingOf(record)) && TryAskSupervisor(engine, record))
            return;
        record = Claims.Take(engine, record, "clear log");
        try
        {
            if (IsSupervised(engine.StandingOf(record)))
                throw new ContainerException(ContainerErrorKind.Conflict, $"container '{record.Name}' was started meanwhile") { Hint = "try again" };
            RotatedLog.RemoveAll(PathOf(engine.Paths, record.Id));
        }
        finally
        {
            engine.Containers.Release(record.Id);
        }
    }

    private static bool TryAskSupervisor(ContainerEngine engine, ContainerRecord record)
    {
        try
        {
            using SupervisorConnection supervisor = engine.Connect(record);
            supervisor.ClearLog();
            return true;
        }
        catch (ContainerException) when (!IsSupervised(engine.StandingOf(record)))
        {
            return false; // it ended meanwhile
        }
    }

    private static ContainerException Unreadable(ContainerRecord record) => new(ContainerErrorKind.Unsupported, $"container '{record.Name}' keeps no log")
    {
        Hint = "it was made with --log-driver none; rundlet attach shows what it writes from now on",
    };

    // It runs, or waits to be started again.
    private static bool IsSupervised(ContainerStanding standing) => standing is { State: not null, NeedsRepair: false } && (standing.Exit is null || standing.IsRunning);

    private static bool IsBeingStarted(ContainerEngine engine, ContainerRecord record) =>
        engine.Containers.Find(record.Id)?.Claim is { Purpose: "start" or "restart" or "run" } claim && claim.Owner.IsAlive;

    // 0 when it is past.
    private static int MillisecondsUntil(DateTimeOffset? until) =>
        until is { } moment ? (int)Math.Clamp(Math.Ceiling((moment - DateTimeOffset.UtcNow).TotalMilliseconds), 0, int.MaxValue) : -1;
}

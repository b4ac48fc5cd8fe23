using System.Globalization;
using Rundlet.Engine.Events;
using Rundlet.Engine.State;
using Rundlet.Linux;
using Rundlet.Runtime.Supervision;

namespace Rundlet.Engine.Operations;

/// <summary>Waits for a container.</summary>
public static class WaitContainer
{
    /// <summary>Waits.</summary>
    /// <param name="engine">The engine.</param>
    /// <param name="record">The container.</param>
    /// <param name="condition">For what.</param>
    /// <param name="cancellation">Ends the waiting.</param>
    /// <returns>The exit code; 0 for one that has never run.</returns>
    /// <exception cref="OperationCanceledException">It was canceled.</exception>
    public static int Run(ContainerEngine engine, ContainerRecord record, WaitCondition condition, CancellationToken cancellation = default)
    {
        // Opened before the look at where the container stands: what happens after that look is in there.
        using EventReader? events = condition == WaitCondition.NotRunning ? null : new EventReader(engine.Paths, follow: true, onlyNew: true);
        bool runs = TryAwaitExit(engine, record, cancellation, out int code);
        if (condition == WaitCondition.NextExit && !runs)
            return NextExit(engine, record, events!, cancellation);
        while (condition == WaitCondition.Removed && engine.Containers.Find(record.Id) is not null)
        {
            events!.Read(message => code = ExitCodeOf(message, record) ?? code);
            if (engine.Containers.Find(record.Id) is not null)
                events.Wait(-1, cancellation);
        }
        return code;
    }

    // Whether it ran; its exit code, or that of its last run.
    private static bool TryAwaitExit(ContainerEngine engine, ContainerRecord record, CancellationToken cancellation, out int code)
    {
        bool ran = false;
        ExitRecord? exit = null;
        while (exit is null && engine.TryConnect(record) is { } supervisor)
        {
            ran = true;
            using (supervisor)
                exit = Ended.Await(() => supervisor.Wait(cancellation)) ?? engine.Repair(record).Exit; // null: goes on under another supervisor
        }
        exit ??= engine.StandingOf(record).Exit;
        if (ran)
            Ended.Collect(engine, record);
        code = exit?.ExitCode ?? engine.StandingOf(record).Exit?.ExitCode ?? 0;
        return ran;
    }

    private static int NextExit(ContainerEngine engine, ContainerRecord record, EventReader events, CancellationToken cancellation)
    {
        int? code = null;
        while (true)
        {
            events.Read(message => code ??= ExitCodeOf(message, record));
            if (code is { } known)
                return known;
            if (engine.Containers.Find(record.Id) is null)
                throw new ContainerException(ContainerErrorKind.NotFound, $"container '{record.Name}' was removed");
            events.Wait(-1, cancellation);
        }
    }

    private static int? ExitCodeOf(EventMessage message, ContainerRecord record) =>
        message.Type == "container" && message.Action == "die" && message.ActorId == record.Id
        && int.TryParse(message.Attributes.GetValueOrDefault("exitCode"), NumberStyles.None, CultureInfo.InvariantCulture, out int code)
            ? code
            : null;
}

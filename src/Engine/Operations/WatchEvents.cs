using Rundlet.Engine.Events;
using Rundlet.Linux;
using Rundlet.Runtime.Supervision;

namespace Rundlet.Engine.Operations;

/// <summary>What has happened, and what happens.</summary>
public static class WatchEvents
{
    private const long NanosecondsPerTick = 100;

    /// <summary>Gives events, the oldest first: those that are kept, and then those that come until a moment.</summary>
    /// <param name="engine">The engine.</param>
    /// <param name="since">Only later ones; null for those from now on or, with an end, for all that are kept.</param>
    /// <param name="until">Only earlier ones, and the end of waiting; null waits until it is canceled.</param>
    /// <param name="filter">Only such.</param>
    /// <param name="take">Gets each.</param>
    /// <param name="cancellation">Ends it.</param>
    /// <exception cref="ContainerException">InvalidArgument: the end is before the beginning.</exception>
    /// <exception cref="OperationCanceledException">It was canceled.</exception>
    public static void Run(ContainerEngine engine, DateTimeOffset? since, DateTimeOffset? until, EventFilter filter, Action<EventMessage> take, CancellationToken cancellation = default)
    {
        if (since > until)
            throw new ContainerException(ContainerErrorKind.InvalidArgument, "--until is before --since");
        long first = since is { } beginning ? Nanoseconds(beginning) : long.MinValue;
        long last = until is { } end ? Nanoseconds(end) : long.MaxValue;
        bool follows = until is null || until > DateTimeOffset.UtcNow;
        using var reader = new EventReader(engine.Paths, follows, onlyNew: since is null && until is null);
        while (true)
        {
            bool isOver = until <= DateTimeOffset.UtcNow; // asked before the reading: what comes after it is too late
            reader.Read(message =>
            {
                if (message.TimeNano >= first && message.TimeNano <= last && filter.Matches(message))
                    take(message);
            });
            if (isOver)
                return;
            reader.Wait(until is null ? -1 : (int)Math.Clamp((until.Value - DateTimeOffset.UtcNow).TotalMilliseconds + 1, 0, int.MaxValue), cancellation);
        }
    }

    private static long Nanoseconds(DateTimeOffset moment) => (moment - DateTimeOffset.UnixEpoch).Ticks is var ticks && ticks > long.MaxValue / NanosecondsPerTick
        ? long.MaxValue
        : ticks < long.MinValue / NanosecondsPerTick ? long.MinValue : ticks * NanosecondsPerTick;
}

using System.Diagnostics;
using Rundlet.Engine.State;
using Rundlet.Linux;
using Rundlet.Syscalls;

namespace Rundlet.Engine.Lifecycle;

/// <summary>How commands that change the same container come one after the other.</summary>
internal static class Claims
{
    private const int PatienceMilliseconds = 30_000;
    private const int LookMilliseconds = 10;

    /// <summary>Claims a container for this process, and waits while another command is at it. What a killed one left is repaired first.</summary>
    /// <param name="engine">The engine.</param>
    /// <param name="record">The container.</param>
    /// <param name="purpose">What for.</param>
    /// <param name="force">Whether to take it over as it was left: it is going to be removed.</param>
    /// <returns>The container's row as it is now.</returns>
    /// <exception cref="ContainerException">NotFound: it is gone; Conflict: another command is at it for too long, or it cannot be settled.</exception>
    public static ContainerRecord Take(ContainerEngine engine, ContainerRecord record, string purpose, bool force = false)
    {
        long began = Stopwatch.GetTimestamp();
        while (true)
        {
            ContainerRecord now = engine.Containers.Find(record.Id) ?? throw new ContainerException(ContainerErrorKind.NotFound, $"no such container '{record.Name}'");
            if (!force && now.Claim is { Owner.IsAlive: false })
            {
                Reconcile.Claimed(engine, now);
                continue;
            }
            if (!force && engine.StandingOf(record).Damage is { } damage)
                throw Reconcile.Damaged(record, damage);
            try
            {
                engine.Containers.Claim(now, purpose);
                return force && now.Claim is { IsAbandoned: true } ? now : engine.Containers.Find(record.Id) ?? now;
            }
            catch (ContainerException e) when (e.Kind == ContainerErrorKind.Conflict && Stopwatch.GetElapsedTime(began).TotalMilliseconds < PatienceMilliseconds)
            {
                _ = Sys.poll([], LookMilliseconds); // ignored: it only passes the time; nobody tells when a claim is given up
            }
        }
    }

    /// <summary>Waits a moment for the owner of a claim, at most as long as claims are looked at again; for one that is gone not at all.</summary>
    public static void AwaitOwner(ProcessIdentity owner)
    {
        int answer = Sys.pidfd_open(owner.Pid);
        if (answer < 0)
            return;
        using OwnedFd pidfd = new(answer);
        Span<pollfd> ends = [new pollfd { fd = pidfd.Value, events = POLL.IN }];
        _ = Sys.poll(ends, LookMilliseconds); // ignored: whatever woke us, the row is read again
    }
}

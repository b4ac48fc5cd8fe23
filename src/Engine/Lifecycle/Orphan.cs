using System.Globalization;
using Rundlet.Engine.Operations;
using Rundlet.Engine.State;
using Rundlet.Linux;
using Rundlet.Linux.Cgroups;
using Rundlet.Linux.Proc;
using Rundlet.Oci;
using Rundlet.Runtime;
using Rundlet.Runtime.Supervision;
using Rundlet.Syscalls;

namespace Rundlet.Engine.Lifecycle;

/// <summary>
/// A container whose supervisor was killed. The caller holds the claim on it.
/// <code>
///   its program runs      another supervisor takes it over
///   it has ended          the end goes on record as its supervisor would have put it there, then:
///   it waits for a start  it is started again, where its policy wants that
/// </code>
/// </summary>
internal static class Orphan
{
    // The purpose of the claim while it is started again, before the number of that start.
    private const string StartPurpose = "start again ";
    private const int PatienceMs = 3000;
    private const int RetryPatienceMs = 200;
    private const string TroubleFile = "supervisor.log";

    /// <summary>The purpose of the claim while it is started again.</summary>
    /// <param name="restartCount">How often its policy has started it again, this time included.</param>
    public static string StartPurposeOf(int restartCount) => StartPurpose + restartCount.ToString(CultureInfo.InvariantCulture);

    /// <summary>Whether a claim is for a start of that kind, and which one: that tells whether it has happened.</summary>
    public static bool IsStart(string purpose, ContainerStanding standing, out int restartCount)
    {
        restartCount = standing.RestartCount + 1; // a claim of a version that did not say
        return purpose == StartPurpose.TrimEnd()
            || (purpose.StartsWith(StartPurpose, StringComparison.Ordinal) && int.TryParse(purpose.AsSpan(StartPurpose.Length), NumberStyles.None, CultureInfo.InvariantCulture, out restartCount));
    }

    /// <summary>Goes on where the supervisor was. When it comes back, the container is supervised, or has ended for good.</summary>
    /// <returns>Where it stands then.</returns>
    /// <exception cref="ContainerException">What is left of it cannot be removed, or its state file be read.</exception>
    public static ContainerStanding Resume(ContainerEngine engine, ContainerRecord record)
    {
        ContainerStanding standing = engine.StandingOf(record);
        if (standing.Damage is { } damage)
            throw new ContainerException(ContainerErrorKind.Internal, damage);
        if (standing is { NeedsRepair: true, HasProcess: true } && TryAdopt(engine, record, out standing))
            return standing;
        if (standing is { NeedsRepair: true, HasProcess: false, Exit: null, State: { } state } && HasRun(state))
        {
            Conclude(engine, record, state);
            standing = engine.StandingOf(record);
        }
        if (standing is { NeedsRepair: true, Phase: ContainerPhase.Restarting })
        {
            StartAgain(engine, record, standing.State!.RestartCount);
            standing = engine.StandingOf(record);
        }
        return standing;
    }

    /// <summary>Waits while another command does this, a while.</summary>
    public static void AwaitOther(ContainerEngine engine, ContainerRecord record)
    {
        if (!IsOrphaned(engine, record))
            return;
        using OwnedFd notify = OwnedFd.FromAnswer(Sys.inotify_init1(O.NONBLOCK), "inotify_init1");
        if (Sys.inotify_add_watch(notify.Value, engine.Paths.Live(record.Id), IN.MOVED_TO | IN.DELETE_SELF) < 0)
            return; // it is done, and the folder gone
        Span<byte> events = stackalloc byte[1024];
        long end = Environment.TickCount64 + PatienceMs;
        while (IsOrphaned(engine, record) && end - Environment.TickCount64 is > 0 and long left)
        {
            Span<pollfd> fds = [new pollfd { fd = notify.Value, events = POLL.IN }];
            _ = Sys.poll(fds, (int)left); // ignored: what holds is looked at again
            _ = Sys.read(notify.Value, events); // ignored: what happened does not matter
        }
    }

    /// <summary>Starts it again, with an end that is on record. What goes wrong is its next end.</summary>
    /// <param name="engine">The engine.</param>
    /// <param name="record">The container; it does not run.</param>
    /// <param name="restartCount">How often its policy has started it again, this time included.</param>
    public static void StartAgain(ContainerEngine engine, ContainerRecord record, int restartCount)
    {
        engine.Containers.Claim(record, StartPurposeOf(restartCount)); // whoever kills us: the next command goes on here
        Settle.Ended(engine, record, engine.StandingOf(record), mustRecord: false);
        ContainerStart? start = null;
        try
        {
            start = ContainerStart.Begin(engine, record, InspectContainer.OptionsOf(record), restartCount: restartCount);
            start.WaitCreated();
            start.Go();
        }
        catch (Exception failed) when (failed is ContainerException or LinuxException or SpecFormatException)
        {
            DateTimeOffset now = DateTimeOffset.UtcNow;
            int code = start?.Failure?.ExitCode ?? SupervisorFailure.OwnFailure;
            var exit = new ExitRecord { ExitCode = code, StartedAt = now, FinishedAt = now, RestartCount = restartCount, Error = failed.Message };
            _ = Settle.TryRecord(engine, record, exit); // ignored: on a full disk the exit before stays
        }
        finally
        {
            start?.Dispose();
        }
    }

    /// <summary>The end of a container as far as it can be known, after which nothing of it runs.</summary>
    /// <param name="state">What its supervisor left.</param>
    /// <param name="isRetry">Whether this was tried before: a cgroup that was busy for long is not waited for by every command.</param>
    /// <exception cref="ContainerException">The cgroup cannot be removed.</exception>
    public static ExitRecord EndOf(ContainerRuntimeState state, bool isRetry = false)
    {
        DateTimeOffset started = state.StartedAt ?? default;
        int? status = ProcExit.TryRead(state.Pid, state.PidStartTime, null);
        using Cgroup cgroup = Cgroup.FromPaths(state.Cgroups);
        bool oomKilled = OomKills(cgroup) > 0;
        RemoveAll(cgroup, isRetry);
        ExitRecord end = (state.Status, status) switch
        {
            (ContainerStatus.Created, _) => Unstarted,
            (_, { } known) => ExitRecord.Of(known, started, DateTimeOffset.UtcNow),
            _ => ExitRecord.Unknown(started, "the container ended while its supervisor was dead and no command had started another one"),
        };
        return end.With(oomKilled, end.Error).With(state.RestartCount, stopped: false);
    }

    /// <summary>Kills what is in a cgroup and removes it.</summary>
    /// <inheritdoc cref="EndOf"/>
    public static void RemoveAll(Cgroup cgroup, bool isRetry)
    {
        if (isRetry)
            cgroup.Remove(kill: true, RetryPatienceMs);
        else
            cgroup.Remove(kill: true);
    }

    private static ExitRecord Unstarted => new()
    {
        ExitCode = SupervisorFailure.OwnFailure,
        StartedAt = DateTimeOffset.UtcNow,
        FinishedAt = DateTimeOffset.UtcNow,
        Error = "the supervisor was killed while it started the container",
    };

    private static bool IsOrphaned(ContainerEngine engine, ContainerRecord record) => engine.StandingOf(record) is { NeedsRepair: true, IsRunning: true };

    // A container whose first start was not finished is whoever's who wanted it started.
    private static bool HasRun(ContainerRuntimeState state) => state.Status != ContainerStatus.Created || state.RestartCount > 0;

    private static bool TryAdopt(ContainerEngine engine, ContainerRecord record, out ContainerStanding standing)
    {
        bool adopted = true;
        try
        {
            SupervisorLaunch.Adopt(engine.SupervisorProgram, engine.Paths.Container(record.Id), engine.Paths.Live(record.Id));
        }
        catch (Exception failed) when (failed is ContainerException or LinuxException)
        {
            // It may have ended meanwhile. Else it runs on alone: every command tries again, and none fails because of it.
            adopted = false;
            Note(engine, record, failed.Message);
        }
        standing = engine.StandingOf(record);
        return adopted;
    }

    private static void Conclude(ContainerEngine engine, ContainerRecord record, ContainerRuntimeState state)
    {
        if (OutputSpoolFile.HoldsOutput(engine.Paths.Live(record.Id)))
            FinishLog(engine, record);
        ExitRecord end = EndOf(state, record.Claim is { IsAbandoned: true });
        if (end.OomKilled)
            engine.Events.Container("oom", record);
        engine.Events.Container("die", record, new KeyValuePair<string, string>("exitCode", end.ExitCode.ToString(CultureInfo.InvariantCulture)));
        SupervisorConfig? config = SupervisorConfig.TryReadIn(engine.Paths.Container(record.Id));
        if (config is not null && config.Restart.WantsRestart(end))
            Folders.Write(engine.Paths.Live(record.Id), ContainerRuntimeState.FileName, state.Restarting(end).ToBytes());
        else
            Folders.Write(engine.Paths.Live(record.Id), ExitRecord.FileName, end.ToBytes());
    }

    // What its supervisor had taken of its output comes into the log: by another one, which finds that there is nothing to supervise.
    private static void FinishLog(ContainerEngine engine, ContainerRecord record)
    {
        try
        {
            SupervisorLaunch.Adopt(engine.SupervisorProgram, engine.Paths.Container(record.Id), engine.Paths.Live(record.Id));
        }
        catch (ContainerException ended) when (ended.Kind == ContainerErrorKind.NotFound)
        {
            _ = ended; // ignored: that is known
        }
        catch (Exception failed) when (failed is ContainerException or LinuxException)
        {
            Note(engine, record, failed.Message);
        }
    }

    private static ulong OomKills(Cgroup cgroup)
    {
        try
        {
            return cgroup.OomKillCount();
        }
        catch (LinuxException gone)
        {
            _ = gone; // ignored: the cgroup went with the machine's last user of it, and its counters too
            return 0;
        }
    }

    private static void Note(ContainerEngine engine, ContainerRecord record, string text)
    {
        try
        {
            File.AppendAllText($"{engine.Paths.Live(record.Id)}/{TroubleFile}", $"{DateTime.UtcNow:O} adopt: {text}\n");
        }
        catch (IOException gone)
        {
            _ = gone; // ignored: the folder went with the container
        }
    }
}

using Rundlet.Engine.State;
using Rundlet.Linux;
using Rundlet.Runtime;
using Rundlet.Runtime.Supervision;

namespace Rundlet.Engine.Lifecycle;

/// <summary>
/// A container that stands still while its files are read. It runs again when this is disposed, or, should this process be killed,
/// with the next command: the claim tells it that the container was frozen for this alone.
/// </summary>
internal sealed class StillContainer : IDisposable
{
    /// <summary>The purpose of the claim.</summary>
    public const string Purpose = "hold still";

    private readonly ContainerEngine _engine;
    private readonly ContainerRecord _record;

    private StillContainer(ContainerEngine engine, ContainerRecord record)
    {
        _engine = engine;
        _record = record;
    }

    /// <summary>Freezes a container; null when there is nothing to do, because it does not run or is paused already.</summary>
    /// <exception cref="ContainerException">Unsupported: there is no freezer; Unavailable: some process did not stop; Conflict: another command is at it.</exception>
    public static StillContainer? Hold(ContainerEngine engine, ContainerRecord record)
    {
        if (!engine.StandingOf(record).HasProcess)
            return null;
        // Its runtime may hold it by other means than the cgroup.
        using (SupervisorConnection supervisor = engine.Connect(record))
        {
            if (supervisor.State().Status == ContainerStatus.Paused)
                return null;
        }
        engine.Containers.Claim(record, Purpose);
        var still = new StillContainer(engine, record);
        try
        {
            using SupervisorConnection supervisor = engine.Connect(record);
            supervisor.Pause();
            return still;
        }
        catch (ContainerException error)
        {
            still.Dispose();
            throw new ContainerException(error.Kind, $"freeze container '{record.Name}'", error) { Hint = "--pause=false takes its files while it runs" };
        }
    }

    /// <summary>Lets a container run that was frozen by a process that is gone.</summary>
    /// <returns>Whether there was a supervisor to do it.</returns>
    public static bool Release(ContainerEngine engine, ContainerRecord record)
    {
        using SupervisorConnection? supervisor = SupervisorConnection.TryOpen(engine.Paths.Live(record.Id));
        supervisor?.Resume();
        return supervisor is not null;
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        try
        {
            if (!Release(_engine, _record) && _engine.Repair(_record).HasProcess)
                Release(_engine, _record); // under another supervisor
        }
        catch (ContainerException error) when (!_engine.StandingOf(_record).IsRunning)
        {
            _ = error; // ignored: it was killed meanwhile
        }
        finally
        {
            _engine.Containers.Release(_record.Id);
        }
    }
}

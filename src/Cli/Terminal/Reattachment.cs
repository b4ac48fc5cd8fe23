using Rundlet.Engine;
using Rundlet.Engine.Lifecycle;
using Rundlet.Engine.State;
using Rundlet.Linux;
using Rundlet.Runtime.Supervision;

namespace Rundlet.Cli.Terminal;

/// <summary>
/// What an attached command does whose supervisor was killed. The container runs on, and its output waits for the next supervisor; or
/// it has ended too, and what is left says how.
/// </summary>
internal static class Reattachment
{
    /// <summary>Goes on until the container ends or the user detaches. Standard input is not taken up again: the container has seen its end.</summary>
    /// <exception cref="ContainerException">Conflict: there is nothing to attach to any more.</exception>
    public static AttachResult GoOn(ContainerEngine engine, ContainerRecord record, AttachedSession attached, bool stdout, bool stderr)
    {
        while (true)
        {
            ContainerStanding standing = engine.Repair(record);
            if (!standing.IsRunning || SupervisorConnection.TryOpen(engine.Paths.Live(record.Id)) is not { } connection)
                return Lost(record, standing);
            using (connection)
            {
                AttachResult result = attached.RunOn(connection, stdout, stderr);
                if (result.Outcome != AttachOutcome.Lost)
                    return result;
            }
        }
    }

    private static AttachResult Lost(ContainerRecord record, ContainerStanding standing)
    {
        string why = standing.Exit?.Error is { } error ? $": {error}" : "";
        ErrorReport.Write(new ContainerException(ContainerErrorKind.Unavailable, $"the supervisor of container '{record.Name}' was killed{why}"), debug: false);
        return new AttachResult(standing.Exit is null ? AttachOutcome.Lost : AttachOutcome.Exited, standing.Exit);
    }
}

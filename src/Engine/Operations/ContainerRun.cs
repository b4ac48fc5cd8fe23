using Rundlet.Engine.Lifecycle;
using Rundlet.Engine.Options;
using Rundlet.Engine.State;
using Rundlet.Images.References;
using Rundlet.Linux;
using Rundlet.Network;
using Rundlet.Runtime.Supervision;

namespace Rundlet.Engine.Operations;

/// <summary>
/// <c>run</c>: makes a container and starts it, as one thing. Disposed before <see cref="Go"/> has come back, the container
/// has never been.
/// </summary>
public sealed class ContainerRun : IDisposable
{
    private readonly ContainerEngine _engine;
    private readonly ContainerStart _start;
    private bool _isRunning;

    private ContainerRun(ContainerEngine engine, ContainerRecord record, ContainerStart start)
    {
        _engine = engine;
        _start = start;
        Record = record;
    }

    /// <summary>The container.</summary>
    public ContainerRecord Record { get; }

    /// <summary>Why the program did not start, with the exit code for it; null otherwise.</summary>
    public SupervisorFailure? Failure => _start.Failure;

    /// <summary>Makes the container and begins to start it.</summary>
    /// <param name="engine">The engine.</param>
    /// <param name="options">What the user wants.</param>
    /// <param name="foreground">Whether the caller attaches and waits.</param>
    /// <param name="image">The image, where the caller has looked it up already.</param>
    /// <exception cref="ContainerException">Why not; nothing is left behind.</exception>
    public static ContainerRun Begin(ContainerEngine engine, ContainerOptions options, bool foreground, NamedImage? image = null)
    {
        // The network namespace is the dearest single step: a thread makes it while everything else is prepared.
        Task<ContainerNamespace>? network = StartContainer.MakesNetwork(options) ? ContainerNetwork.Prepare() : null;
        ContainerRecord? record = null;
        try
        {
            record = CreateContainer.Run(engine, ref options, "run", foreground, image, out IReadOnlyList<EndpointRecord> endpoints);
            return new ContainerRun(engine, record, ContainerStart.Begin(engine, record, options, endpoints, network));
        }
        catch
        {
            if (record is null)
                ContainerStart.Abandon(network);
            else
                Settle.Remove(engine, record, withVolumes: true);
            throw;
        }
    }

    /// <summary>Waits until the container is there and waits for its start.</summary>
    /// <exception cref="ContainerException">Why not; see <see cref="Failure"/>.</exception>
    public void WaitCreated(CancellationToken cancellation = default) => _start.WaitCreated(cancellation);

    /// <summary>A connection to the container's supervisor; attached before <see cref="Go"/>, it loses no byte.</summary>
    /// <exception cref="ContainerException">Internal: the supervisor died.</exception>
    public SupervisorConnection Connect() =>
        SupervisorConnection.TryOpen(_start.RunFolder) ?? throw new ContainerException(ContainerErrorKind.Internal, "the supervisor died");

    /// <summary>Lets the program start.</summary>
    /// <exception cref="ContainerException">Why not; see <see cref="Failure"/>.</exception>
    public void Go(CancellationToken cancellation = default)
    {
        _start.Go(cancellation);
        _isRunning = true;
        _engine.Containers.Release(Record.Id);
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _start.Dispose();
        if (!_isRunning)
            Settle.Remove(_engine, Record, withVolumes: true);
    }
}

using Rundlet.Engine.Lifecycle;
using Rundlet.Engine.Networks;
using Rundlet.Engine.Options;
using Rundlet.Engine.State;
using Rundlet.Images.Snapshots;

namespace Rundlet.Engine.Operations;

/// <summary>A container in a list. What costs something to know is found out when somebody asks for it.</summary>
public sealed class ContainerSummary
{
    private readonly ContainerEngine _engine;
    private ContainerOptions? _options;
    private NetworkNote? _network;
    private IReadOnlyList<(string, string)>? _networks;
    private bool _lookedAtNetwork;
    private (long, long)? _sizes;

    internal ContainerSummary(ContainerEngine engine, ContainerRecord record, ContainerStanding standing)
    {
        _engine = engine;
        Record = record;
        Standing = standing;
    }

    /// <summary>Its row.</summary>
    public ContainerRecord Record { get; }

    /// <summary>Where it stands.</summary>
    public ContainerStanding Standing { get; }

    /// <summary>What the user asked for.</summary>
    public ContainerOptions Options => _options ??= InspectContainer.OptionsOf(Record);

    /// <summary>How it hangs on its networks; null when it does not run.</summary>
    public NetworkNote? Network
    {
        get
        {
            if (!_lookedAtNetwork && Standing.IsRunning)
                _network = NetworkNote.TryRead(_engine.Paths, Record.Id);
            _lookedAtNetwork = true;
            return _network;
        }
    }

    /// <summary>The names of its networks, or the mode in which it has none of ours; of one that does not run, those of its next start.</summary>
    public IReadOnlyList<string> NetworkNames => Networks.Count > 0 ? [.. Networks.Select(network => network.Name)] : [Options.Network];

    /// <summary>Names and ids of its networks.</summary>
    internal IReadOnlyList<(string Name, string Id)> Networks => _networks ??= Network is { IsOurs: true } note
        ? [.. note.Endpoints.Select(endpoint => (endpoint.Name, NetworkDefinitions.IdOf(endpoint.NetworkId)))]
        : [.. ContainerEndpoints.Of(_engine, Record.Id, Options).Select(endpoint => (endpoint.Network.Name, endpoint.Network.Id))];

    /// <summary>The user's labels and, where he has not said otherwise, the image's.</summary>
    public IReadOnlyDictionary<string, string> Labels => Options.Labels;

    /// <summary>Bytes that it wrote, and those together with its image's.</summary>
    public (long Written, long Whole) Sizes
    {
        get
        {
            if (_sizes is null)
            {
                long written = WritableSize.Of(_engine.Paths.Container(Record.Id));
                _sizes = (written, written + _engine.Images.SizeOf(Record.ImageId));
            }
            return _sizes.Value;
        }
    }
}

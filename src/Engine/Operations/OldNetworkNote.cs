using Rundlet.Network;

namespace Rundlet.Engine.Operations;

/// <summary>The note of a container that a version before 5 of the state file started: on the default network alone.</summary>
internal sealed record OldNetworkNote
{
    public string? Address { get; init; }

    public int PrefixLength { get; init; }

    public string? Gateway { get; init; }

    public string? Mac { get; init; }

    public string? HostInterface { get; init; }

    public IReadOnlyList<PortNote>? Ports { get; init; }

    public NetworkNote? ToNote() => Address is null ? null : new()
    {
        Mode = NetworkNote.BridgeMode,
        Endpoints =
        [
            new EndpointNote(NetworkDefinition.Default.Id, NetworkDefinition.Default.Name, "eth0")
            {
                Address = Address,
                PrefixLength = PrefixLength,
                Gateway = Gateway,
                Mac = Mac,
                HostInterface = HostInterface,
            },
        ],
        Ports = [.. (Ports ?? []).Select(port => port with { ContainerAddress = Address })],
    };
}

using System.Net;
using Rundlet.Engine.Operations;
using Rundlet.Engine.Options;
using Rundlet.Engine.State;
using Rundlet.Network;
using Rundlet.Network.Ports;

namespace Rundlet.Engine.Networks;

/// <summary>Brings the published ports of a container that runs to what its options say. The caller has the claim.</summary>
internal static class LivePorts
{
    /// <summary>Does it; nothing for a container that does not run. Ports that are published already stay where they are.</summary>
    /// <exception cref="Linux.ContainerException">Conflict: a port is taken, and then none is added; others: why it cannot be.</exception>
    public static void Bring(ContainerEngine engine, ContainerRecord record, ContainerOptions options)
    {
        if (!engine.StandingOf(record).HoldsNetwork || NetworkNote.TryRead(engine.Paths, record.Id) is not { IsOurs: true } note)
            return;
        NetworkAttachment attachment = note.ToAttachment(record.Id);
        List<PublishedPort> left = [.. attachment.Ports];
        List<PortRequest> missing = [];
        foreach (PortRequest request in PublishedPorts.Of(options))
        {
            // One request may be published twice, once for each family.
            PublishedPort? first = left.Find(port => Is(port, request));
            if (first is null)
                missing.Add(request);
            else
                left.RemoveAll(port => Is(port, request) && port.HostPort == first.HostPort);
        }
        // First what goes: a port of the host may change from one of the container's to another, and one that a killed command published without
        // getting to note it would be in the way of itself.
        attachment = engine.Network.Unpublish(record.Id, attachment, left.Contains);
        if (left.Count > 0 || missing.Count == 0)
            Save(engine, record, attachment);
        if (missing.Count > 0)
            Save(engine, record, engine.Network.Publish(record.Id, attachment, missing));
    }

    private static void Save(ContainerEngine engine, ContainerRecord record, NetworkAttachment attachment)
    {
        NetworkNote note = NetworkNote.Of(attachment);
        note.Save(engine.Paths, record.Id);
        ListenedPorts.Bring(engine, record, note);
    }

    private static bool Is(PublishedPort port, PortRequest request) =>
        port.Protocol == request.Protocol && port.ContainerPort == request.ContainerPort && port.Count == request.Count
        && (request.FirstHostPort == 0 || (port.HostPort >= request.FirstHostPort && port.HostPort <= request.LastHostPort))
        && (request.HostAddress is null || request.HostAddress.Equals(port.HostAddress)
            || (port.HostAddress is null && request.HostAddress.Equals(port.IsIpv6 ? IPAddress.IPv6Any : IPAddress.Any)));
}

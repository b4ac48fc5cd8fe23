using Rundlet.Engine.Lifecycle;
using Rundlet.Engine.Operations;
using Rundlet.Engine.State;
using Rundlet.Linux;
using Rundlet.Linux.Cgroups;
using Rundlet.Linux.Netlink.Route;
using Rundlet.Network;
using Rundlet.Runtime.Supervision;
using Rundlet.Syscalls;

namespace Rundlet.Engine.Stats;

/// <summary>
/// Reads what containers use: some twenty small files of cgroup file systems and one question by netlink each. Nothing is kept open between
/// readings but the netlink socket of the host.
/// </summary>
public sealed class StatsReader(ContainerEngine engine)
{
    private readonly ulong _machine = (ulong)EngineInfo.MemoryOfMachine();

    /// <summary>Reads one container; null when it does not run.</summary>
    /// <param name="record">The container.</param>
    /// <param name="isWhole">Whether also what few ask for, see <see cref="Cgroup.Usage"/>.</param>
    /// <exception cref="LinuxException">The kernel refused.</exception>
    public ContainerStats? TryRead(ContainerRecord record, bool isWhole = false) => TryRead(record, engine.StandingOf(record), isWhole);

    /// <inheritdoc cref="TryRead(ContainerRecord, bool)"/>
    public ContainerStats? TryRead(ContainerRecord record, ContainerStanding standing, bool isWhole = false)
    {
        if (standing is not { HasProcess: true, State: { } state })
            return null; // it may wait for its next start
        try
        {
            using Cgroup cgroup = Cgroup.FromPaths(state.Cgroups);
            CgroupStats used = isWhole ? cgroup.Stats() : cgroup.Usage();
            return new ContainerStats
            {
                Timestamp = TimeProvider.System.GetTimestamp(),
                Process = new ProcessIdentity(state.Pid, state.PidStartTime),
                Cgroup = used,
                MemoryLimit = Math.Min(used.Memory?.Limit ?? _machine, _machine),
                Interfaces = InterfacesOf(record, state.Pid),
            };
        }
        catch (LinuxException) when (HasEnded(record, state))
        {
            return null; // while we looked
        }
    }

    // The process ends first, then its supervisor writes that down and takes the cgroup away, or starts another one.
    private bool HasEnded(ContainerRecord record, ContainerRuntimeState state) =>
        !new ProcessIdentity(state.Pid, state.PidStartTime).IsAlive
        || engine.StandingOf(record) is not { HasProcess: true, State: { } now } || now.Pid != state.Pid || now.PidStartTime != state.PidStartTime;

    // Interfaces of other drivers than bridge have no end on the host that could be asked: those are looked at from within.
    private List<InterfaceTraffic> InterfacesOf(ContainerRecord record, int pid)
    {
        IReadOnlyList<EndpointNote> endpoints = NetworkNote.TryRead(engine.Paths, record.Id)?.Endpoints ?? [];
        using ContainerNamespace? inside = endpoints.Any(static endpoint => endpoint.HostInterface is null) ? ContainerNamespace.Enter(pid) : null;
        List<InterfaceTraffic> interfaces = [];
        foreach (EndpointNote endpoint in endpoints)
        {
            LinkStatistics? counters = endpoint.HostInterface is { } name
                ? engine.Network.TryGetStatistics(name)
                : ContainerNetwork.TryGetStatistics(endpoint.ToEndpoint(), inside!);
            if (counters is { } there)
                interfaces.Add(new InterfaceTraffic(endpoint.Interface, there));
        }
        return interfaces;
    }
}

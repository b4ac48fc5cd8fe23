using Rundlet.Engine.Lifecycle;
using Rundlet.Engine.Networks;
using Rundlet.Engine.Options;
using Rundlet.Engine.State;
using Rundlet.Linux;
using Rundlet.Linux.Cgroups;
using Rundlet.Oci;
using Rundlet.Runtime;
using Rundlet.Runtime.Supervision;
using Rundlet.Syscalls;

namespace Rundlet.Engine.Operations;

/// <summary>
/// Other limits, rates, ports and another restart policy for a container, whether it runs or not. The row is what counts: it is written when the kernel has
/// taken the limits, and what is derived from it, the spec on disk, follows it.
/// </summary>
public static class UpdateContainer
{
    /// <summary>The purpose of the claim.</summary>
    internal const string Purpose = "update";

    private const string SpecName = "config.json";
    private const uint PrivateFile = 0x180; // 0600
    private const ulong DefaultShares = 1024; // of every cgroup that nobody has changed

    /// <summary>Changes them.</summary>
    /// <param name="engine">The engine.</param>
    /// <param name="record">The container.</param>
    /// <param name="changes">New limits; what is null stays as it is.</param>
    /// <param name="restart">The new policy; null leaves it as it is.</param>
    /// <param name="ports">Ports to publish, or no longer; null for none.</param>
    /// <param name="rate">Other bounds of what comes in and goes out by each of its networks; null leaves them as they are.</param>
    /// <exception cref="ContainerException">InvalidArgument, or what the kernel says: then everything is as it was.</exception>
    public static void Run(ContainerEngine engine, ContainerRecord record, ResourceOptions changes, RestartPolicy? restart = null, PortChanges? ports = null, NetworkRate? rate = null)
    {
        record = Claims.Take(engine, record, Purpose);
        try
        {
            if (restart is { Condition: not RestartCondition.No } && record.AutoRemove)
                throw new ContainerException(ContainerErrorKind.InvalidArgument, $"container '{record.Name}' is removed when it ends, and so is never started again");
            ContainerOptions options = InspectContainer.OptionsOf(record);
            ResourceOptions resources = changes.Over(options.Resources);
            resources.Validate();
            ContainerOptions changed = options with { Resources = resources };
            if (ports is not null)
                changed = changed with { Ports = ports.ApplyTo(record, changed) };
            string document = OptionsJson.Write(changed);
            IReadOnlyList<EndpointRecord> endpoints = rate is null ? [] : WithRate(engine, record, options, rate.Value);
            Apply(engine, record, resources, () =>
            {
                if (rate is null)
                    engine.Containers.SetOptions(record, document);
                else
                    engine.Containers.SetNetworks(record, document, endpoints);
            });
            LiveRates.Bring(engine, record, endpoints);
            if (ports is not null)
                BringPorts(engine, record, options, changed);
            if (restart is not null)
                SetPolicy(engine, record, restart);
            engine.Events.Container("update", record);
        }
        finally
        {
            engine.Containers.Release(record.Id);
        }
    }

    /// <summary>Brings spec and cgroup to what the row says, after a command was killed in between.</summary>
    internal static void Repair(ContainerEngine engine, ContainerRecord record)
    {
        ContainerOptions options = InspectContainer.OptionsOf(record);
        Apply(engine, record, options.Resources, () => { });
        LivePorts.Bring(engine, record, options);
        LiveRates.Bring(engine, record, ContainerEndpoints.Of(engine, record.Id, options));
    }

    private static List<EndpointRecord> WithRate(ContainerEngine engine, ContainerRecord record, ContainerOptions options, NetworkRate rate)
    {
        List<EndpointRecord> endpoints = [.. ContainerEndpoints.Of(engine, record.Id, options).Select(endpoint => endpoint with { Settings = endpoint.Settings.With(rate) })];
        if (endpoints.Count == 0)
            throw new ContainerException(ContainerErrorKind.Conflict, $"container '{record.Name}' has no network of its own whose rate could be bounded");
        endpoints.ForEach(ContainerEndpoints.Validate);
        return endpoints;
    }

    private static void BringPorts(ContainerEngine engine, ContainerRecord record, ContainerOptions before, ContainerOptions now)
    {
        try
        {
            LivePorts.Bring(engine, record, now);
        }
        catch (Exception failed) when (failed is ContainerException or LinuxException)
        {
            now = now with { Ports = before.Ports };
            engine.Containers.SetOptions(record, OptionsJson.Write(now));
            LivePorts.Bring(engine, record, now);
            throw;
        }
    }

    // The new spec lies ready before the row is written, and gets its name after: a full disk is noticed while everything can be taken back.
    private static void Apply(ContainerEngine engine, ContainerRecord record, ResourceOptions resources, Action decide)
    {
        Spec spec = InspectContainer.SpecOf(engine, record);
        LinuxSpec linux = spec.Linux ??= new LinuxSpec();
        Resources before = linux.Resources ?? new Resources();
        linux.Resources = Runtime.UpdateContainer.Merge(before, resources.ToResources());
        ContainerRuntimeState? state = engine.StandingOf(record) is { HasProcess: true } standing ? standing.State : null;
        ExternalRuntime? runtime = state is null ? null : ExternalRuntime.TryOpen(record.Id, engine.Paths.Live(record.Id));
        using CgroupChange? change = state is null || runtime is not null ? null : Change(record, state, before, linux.Resources);
        using OwnedFd folder = FileIo.Open(Sys.AT_FDCWD, engine.Paths.Container(record.Id), O.RDONLY | O.DIRECTORY);
        string ready = FileIo.Prepare(folder.Value, SpecName, SpecWriter.ToBytes(spec), PrivateFile, durable: true);
        try
        {
            if (runtime is null)
                decide();
            else
                Update(runtime, before, linux.Resources, decide);
        }
        catch
        {
            _ = Sys.unlinkat(folder.Value, ready, 0); // ignored: the first error is the one to tell
            throw;
        }
        FileIo.Publish(folder.Value, ready, SpecName, durable: true);
        change?.Keep();
    }

    private static void Update(ExternalRuntime runtime, Resources before, Resources after, Action decide)
    {
        runtime.Update(after);
        try
        {
            decide();
        }
        catch
        {
            TakeBack(runtime, before, after);
            throw;
        }
    }

    private static void TakeBack(ExternalRuntime runtime, Resources before, Resources after)
    {
        try
        {
            runtime.Update(Runtime.UpdateContainer.Merge(LiftedOf(after), before));
        }
        catch (Exception failed) when (failed is ContainerException or LinuxException)
        {
            _ = failed; // ignored: the first error is the one to tell
        }
    }

    // What is absent a runtime leaves as it is: that there was no limit must be said. Of processors, weights and rates of devices none can say it.
    private static Resources LiftedOf(Resources limits) => new()
    {
        Memory = limits.Memory is not { } memory ? null : new MemoryResources
        {
            Limit = memory.Limit is null ? null : -1,
            Swap = memory.Swap is null ? null : -1,
            Reservation = memory.Reservation is null ? null : -1,
        },
        Cpu = limits.Cpu is not { } cpu ? null : new CpuResources
        {
            Shares = cpu.Shares is null ? null : DefaultShares,
            Quota = cpu.Quota is null ? null : -1,
            Period = cpu.Quota is null ? null : cpu.Period,
        },
        Pids = limits.Pids?.Limit is null ? null : new PidsResources { Limit = -1 },
    };

    private static CgroupChange Change(ContainerRecord record, ContainerRuntimeState state, Resources before, Resources after)
    {
        using Cgroup cgroup = Cgroup.FromPaths(state.Cgroups);
        return Runtime.UpdateContainer.Change(cgroup, record.Name, before, after);
    }

    // Its supervisor reads it when the container ends.
    private static void SetPolicy(ContainerEngine engine, ContainerRecord record, RestartPolicy policy)
    {
        string folder = engine.Paths.Container(record.Id);
        if (SupervisorConfig.TryReadIn(folder) is { } config && config.Restart != policy)
            Folders.Write(folder, SupervisorConfig.FileName, (config with { Restart = policy }).ToBytes(), durable: true);
    }
}

using Rundlet.Oci;

namespace Rundlet.Runtime.Planning;

/// <summary>Attributes of processes, clocks and devices that few specs name.</summary>
internal static partial class SpecValidator
{
    private const long NanosecondsPerSecond = 1_000_000_000;

    private static void ValidateAttributes(Process process)
    {
        foreach (uint gid in process.User.AdditionalGids ?? [])
        {
            if (gid == uint.MaxValue)
                throw Invalid("process.user.additionalGids", "must not hold 4294967295, which is no group");
        }
        if (process.Scheduler is { } scheduler)
            _ = SchedulerPlan.AttributesOf(scheduler); // ignored: made again where it is needed
        if (process.IoPriority is { } priority)
            _ = SchedulerPlan.NumberOf(priority); // ignored: as above
        if (process.ExecCpuAffinity is { } affinity)
        {
            _ = NumberSet.Parse(affinity.Initial ?? "", "process.execCPUAffinity.initial"); // ignored: as above
            _ = NumberSet.Parse(affinity.Final ?? "", "process.execCPUAffinity.final"); // ignored: as above
        }
    }

    private static void ValidateLinux(LinuxSpec linux, Process process)
    {
        ValidateMapped(linux, process.User);
        if (linux.MemoryPolicy is { } policy)
            _ = MemoryPolicyPlan.Of(policy); // ignored: made again where it is needed
        if (linux.Personality is { } personality)
            _ = ProcessPlanner.PersonalityOf(personality); // ignored: as above
        ValidateTimeOffsets(linux);
        ValidateNetDevices(linux);
    }

    private static void ValidateTimeOffsets(LinuxSpec linux)
    {
        if (linux.TimeOffsets is not { Count: > 0 } offsets)
            return;
        Namespace? time = linux.Namespaces?.Find(item => item.Type == "time");
        if (time is null || time.Path is { Length: > 0 })
            throw Invalid("linux.timeOffsets", "needs a new time namespace in linux.namespaces");
        foreach ((string clock, TimeOffset offset) in offsets)
        {
            if (clock is not ("monotonic" or "boottime"))
                throw Invalid("linux.timeOffsets", $"has the unknown clock '{clock}': a time namespace has 'monotonic' and 'boottime'");
            if (offset.Nanosecs >= NanosecondsPerSecond)
                throw Invalid("linux.timeOffsets", $"must have fewer than {NanosecondsPerSecond} nanosecs for '{clock}', not {offset.Nanosecs}");
        }
    }

    // The kernel would say EINVAL when all the rest is done. A joined namespace has its own maps.
    private static void ValidateMapped(LinuxSpec linux, User user)
    {
        if (linux.Namespaces?.Find(item => item.Type == "user") is not { Path: null or "" })
            return;
        RequireMapped(linux.UidMappings, user.Uid, "process.user.uid", "linux.uidMappings");
        RequireMapped(linux.GidMappings, user.Gid, "process.user.gid", "linux.gidMappings");
        foreach (uint gid in user.AdditionalGids ?? [])
            RequireMapped(linux.GidMappings, gid, "process.user.additionalGids", "linux.gidMappings");
    }

    private static void RequireMapped(List<IdMapping>? mappings, uint id, string member, string map)
    {
        foreach (IdMapping mapping in mappings ?? [])
        {
            if (id >= mapping.ContainerId && id - mapping.ContainerId < mapping.Size)
                return;
        }
        throw Invalid($"{member} {id}", $"is not in {map}");
    }
}

namespace Rundlet.Oci;

/// <summary>The <c>linux</c> object without resources and seccomp: config-linux.md.</summary>
public static partial class SpecWriter
{
    private static void WriteLinux(JsonWriter json, LinuxSpec linux)
    {
        json.Member("uidMappings"u8, linux.UidMappings, WriteIdMapping);
        json.Member("gidMappings"u8, linux.GidMappings, WriteIdMapping);
        json.Member("timeOffsets"u8, linux.TimeOffsets, WriteTimeOffset);
        json.Member("sysctl"u8, linux.Sysctl);
        json.Member("resources"u8, linux.Resources, WriteResources);
        json.Member("cgroupsPath"u8, linux.CgroupsPath);
        json.Member("namespaces"u8, linux.Namespaces, WriteNamespace);
        json.Member("devices"u8, linux.Devices, WriteDevice);
        json.Member("netDevices"u8, linux.NetDevices, WriteNetDevice);
        json.Member("seccomp"u8, linux.Seccomp, WriteSeccomp);
        json.Member("rootfsPropagation"u8, linux.RootfsPropagation);
        json.Member("maskedPaths"u8, linux.MaskedPaths);
        json.Member("readonlyPaths"u8, linux.ReadonlyPaths);
        json.Member("mountLabel"u8, linux.MountLabel);
        json.Member("intelRdt"u8, linux.IntelRdt, WriteIntelRdt);
        json.Member("memoryPolicy"u8, linux.MemoryPolicy, WriteMemoryPolicy);
        json.Member("personality"u8, linux.Personality, WritePersonality);
    }

    private static void WriteNamespace(JsonWriter json, Namespace space)
    {
        json.Member("type"u8, space.Type);
        json.Member("path"u8, space.Path);
    }

    private static void WriteIdMapping(JsonWriter json, IdMapping mapping)
    {
        json.Member("containerID"u8, mapping.ContainerId);
        json.Member("hostID"u8, mapping.HostId);
        json.Member("size"u8, mapping.Size);
    }

    private static void WriteTimeOffset(JsonWriter json, TimeOffset offset)
    {
        json.Member("secs"u8, offset.Secs);
        json.Member("nanosecs"u8, offset.Nanosecs);
    }

    private static void WriteDevice(JsonWriter json, Device device)
    {
        json.Member("path"u8, device.Path);
        json.Member("type"u8, device.Type);
        json.Member("major"u8, device.Major);
        json.Member("minor"u8, device.Minor);
        json.Member("fileMode"u8, device.FileMode);
        json.Member("uid"u8, device.Uid);
        json.Member("gid"u8, device.Gid);
    }

    private static void WriteNetDevice(JsonWriter json, NetDevice device) => json.Member("name"u8, device.Name);

    private static void WriteIntelRdt(JsonWriter json, IntelRdt rdt)
    {
        json.Member("closID"u8, rdt.ClosId);
        json.Member("schemata"u8, rdt.Schemata);
        json.Member("l3CacheSchema"u8, rdt.L3CacheSchema);
        json.Member("memBwSchema"u8, rdt.MemBwSchema);
        json.MemberIfTrue("enableMonitoring"u8, rdt.EnableMonitoring);
        json.MemberIfTrue("enableCMT"u8, rdt.EnableCmt);
        json.MemberIfTrue("enableMBM"u8, rdt.EnableMbm);
    }

    private static void WriteMemoryPolicy(JsonWriter json, MemoryPolicy policy)
    {
        json.Member("mode"u8, policy.Mode);
        json.Member("nodes"u8, policy.Nodes);
        json.Member("flags"u8, policy.Flags);
    }

    private static void WritePersonality(JsonWriter json, Personality personality)
    {
        json.Member("domain"u8, personality.Domain);
        json.Member("flags"u8, personality.Flags);
    }
}

namespace Rundlet.Oci;

/// <summary>The <c>linux</c> object without resources and seccomp: config-linux.md.</summary>
public static partial class SpecReader
{
    private static LinuxSpec ReadLinux(ref JsonCursor json)
    {
        var linux = new LinuxSpec();
        json.BeginObject();
        while (json.NextMember())
            if (json.Is("namespaces"u8)) linux.Namespaces = json.List(ReadNamespace);
            else if (json.Is("uidMappings"u8)) linux.UidMappings = json.List(ReadIdMapping);
            else if (json.Is("gidMappings"u8)) linux.GidMappings = json.List(ReadIdMapping);
            else if (json.Is("timeOffsets"u8)) linux.TimeOffsets = json.Map(ReadTimeOffset);
            else if (json.Is("devices"u8)) linux.Devices = json.List(ReadDevice);
            else if (json.Is("netDevices"u8)) linux.NetDevices = json.Map(ReadNetDevice);
            else if (json.Is("cgroupsPath"u8)) linux.CgroupsPath = json.String();
            else if (json.Is("resources"u8)) linux.Resources = ReadResources(ref json);
            else if (json.Is("intelRdt"u8)) linux.IntelRdt = ReadIntelRdt(ref json);
            else if (json.Is("memoryPolicy"u8)) linux.MemoryPolicy = ReadMemoryPolicy(ref json);
            else if (json.Is("sysctl"u8)) linux.Sysctl = json.StringMap();
            else if (json.Is("seccomp"u8)) linux.Seccomp = ReadSeccompUnlessPassed(ref json);
            else if (json.Is("rootfsPropagation"u8)) linux.RootfsPropagation = json.String();
            else if (json.Is("maskedPaths"u8)) linux.MaskedPaths = json.Strings();
            else if (json.Is("readonlyPaths"u8)) linux.ReadonlyPaths = json.Strings();
            else if (json.Is("mountLabel"u8)) linux.MountLabel = json.String();
            else if (json.Is("personality"u8)) linux.Personality = ReadPersonality(ref json);
            else json.Ignore();
        return linux;
    }

    private static Namespace ReadNamespace(ref JsonCursor json)
    {
        string? type = null, path = null;
        json.BeginObject();
        while (json.NextMember())
            if (json.Is("type"u8)) type = json.String();
            else if (json.Is("path"u8)) path = json.String();
            else json.Ignore();
        return new Namespace { Type = type ?? throw json.Missing("type"), Path = path };
    }

    private static IdMapping ReadIdMapping(ref JsonCursor json)
    {
        uint? containerId = null, hostId = null, size = null;
        json.BeginObject();
        while (json.NextMember())
            if (json.Is("containerID"u8)) containerId = json.UInt32();
            else if (json.Is("hostID"u8)) hostId = json.UInt32();
            else if (json.Is("size"u8)) size = json.UInt32();
            else json.Ignore();
        return new IdMapping
        {
            ContainerId = containerId ?? throw json.Missing("containerID"),
            HostId = hostId ?? throw json.Missing("hostID"),
            Size = size ?? throw json.Missing("size"),
        };
    }

    private static TimeOffset ReadTimeOffset(ref JsonCursor json)
    {
        var offset = new TimeOffset();
        json.BeginObject();
        while (json.NextMember())
            if (json.Is("secs"u8)) offset.Secs = json.Int64();
            else if (json.Is("nanosecs"u8)) offset.Nanosecs = json.UInt32();
            else json.Ignore();
        return offset;
    }

    /// <summary>Numbers may be absent from a fifo only, which has none.</summary>
    private static Device ReadDevice(ref JsonCursor json)
    {
        var device = new Device { Type = "", Path = "" };
        string? type = null, path = null;
        long? major = null, minor = null;
        json.BeginObject();
        while (json.NextMember())
            if (json.Is("type"u8)) type = json.String();
            else if (json.Is("path"u8)) path = json.String();
            else if (json.Is("major"u8)) major = json.Int64();
            else if (json.Is("minor"u8)) minor = json.Int64();
            else if (json.Is("fileMode"u8)) device.FileMode = json.UInt32();
            else if (json.Is("uid"u8)) device.Uid = json.UInt32();
            else if (json.Is("gid"u8)) device.Gid = json.UInt32();
            else json.Ignore();
        device.Type = type ?? throw json.Missing("type");
        device.Path = path ?? throw json.Missing("path");
        bool isFifo = type == "p";
        device.Major = major ?? (isFifo ? 0 : throw json.Missing("major"));
        device.Minor = minor ?? (isFifo ? 0 : throw json.Missing("minor"));
        return device;
    }

    private static NetDevice ReadNetDevice(ref JsonCursor json)
    {
        var device = new NetDevice();
        json.BeginObject();
        while (json.NextMember())
            if (json.Is("name"u8)) device.Name = json.String();
            else json.Ignore();
        return device;
    }

    private static IntelRdt ReadIntelRdt(ref JsonCursor json)
    {
        var rdt = new IntelRdt();
        json.BeginObject();
        while (json.NextMember())
            if (json.Is("closID"u8)) rdt.ClosId = json.String();
            else if (json.Is("schemata"u8)) rdt.Schemata = json.Strings();
            else if (json.Is("l3CacheSchema"u8)) rdt.L3CacheSchema = json.String();
            else if (json.Is("memBwSchema"u8)) rdt.MemBwSchema = json.String();
            else if (json.Is("enableMonitoring"u8)) rdt.EnableMonitoring = json.Boolean();
            else if (json.Is("enableCMT"u8)) rdt.EnableCmt = json.Boolean();
            else if (json.Is("enableMBM"u8)) rdt.EnableMbm = json.Boolean();
            else json.Ignore();
        return rdt;
    }

    private static MemoryPolicy ReadMemoryPolicy(ref JsonCursor json)
    {
        string? mode = null, nodes = null;
        List<string>? flags = null;
        json.BeginObject();
        while (json.NextMember())
            if (json.Is("mode"u8)) mode = json.String();
            else if (json.Is("nodes"u8)) nodes = json.String();
            else if (json.Is("flags"u8)) flags = json.Strings();
            else json.Ignore();
        return new MemoryPolicy { Mode = mode ?? throw json.Missing("mode"), Nodes = nodes, Flags = flags };
    }

    private static Personality ReadPersonality(ref JsonCursor json)
    {
        string? domain = null;
        List<string>? flags = null;
        json.BeginObject();
        while (json.NextMember())
            if (json.Is("domain"u8)) domain = json.String();
            else if (json.Is("flags"u8)) flags = json.Strings();
            else json.Ignore();
        return new Personality { Domain = domain ?? throw json.Missing("domain"), Flags = flags };
    }
}

namespace Rundlet.Oci;

/// <summary>Limits: config-linux.md, Control groups.</summary>
public static partial class SpecReader
{
    private static Resources ReadResources(ref JsonCursor json)
    {
        var resources = new Resources();
        json.BeginObject();
        while (json.NextMember())
            if (json.Is("devices"u8)) resources.Devices = json.List(ReadDeviceRule);
            else if (json.Is("memory"u8)) resources.Memory = ReadMemory(ref json);
            else if (json.Is("cpu"u8)) resources.Cpu = ReadCpu(ref json);
            else if (json.Is("pids"u8)) resources.Pids = ReadPids(ref json);
            else if (json.Is("blockIO"u8)) resources.BlockIo = ReadBlockIo(ref json);
            else if (json.Is("hugepageLimits"u8)) resources.HugepageLimits = json.List(ReadHugepageLimit);
            else if (json.Is("network"u8)) resources.Network = ReadNetwork(ref json);
            else if (json.Is("rdma"u8)) resources.Rdma = json.Map(ReadRdmaLimit);
            else if (json.Is("unified"u8)) resources.Unified = json.StringMap();
            else json.Ignore();
        return resources;
    }

    private static DeviceRule ReadDeviceRule(ref JsonCursor json)
    {
        bool? allow = null;
        string? type = null, access = null;
        long? major = null, minor = null;
        json.BeginObject();
        while (json.NextMember())
            if (json.Is("allow"u8)) allow = json.Boolean();
            else if (json.Is("type"u8)) type = json.String();
            else if (json.Is("major"u8)) major = json.Int64();
            else if (json.Is("minor"u8)) minor = json.Int64();
            else if (json.Is("access"u8)) access = json.String();
            else json.Ignore();
        return new DeviceRule { Allow = allow ?? throw json.Missing("allow"), Type = type, Major = major, Minor = minor, Access = access };
    }

    private static MemoryResources ReadMemory(ref JsonCursor json)
    {
        var memory = new MemoryResources();
        json.BeginObject();
        while (json.NextMember())
            if (json.Is("limit"u8)) memory.Limit = json.Int64();
            else if (json.Is("reservation"u8)) memory.Reservation = json.Int64();
            else if (json.Is("swap"u8)) memory.Swap = json.Int64();
            else if (json.Is("kernel"u8)) memory.Kernel = json.Int64();
            else if (json.Is("kernelTCP"u8)) memory.KernelTcp = json.Int64();
            else if (json.Is("swappiness"u8)) memory.Swappiness = json.UInt64();
            else if (json.Is("disableOOMKiller"u8)) memory.DisableOomKiller = json.Boolean();
            else if (json.Is("useHierarchy"u8)) memory.UseHierarchy = json.Boolean();
            else if (json.Is("checkBeforeUpdate"u8)) memory.CheckBeforeUpdate = json.Boolean();
            else json.Ignore();
        return memory;
    }

    private static CpuResources ReadCpu(ref JsonCursor json)
    {
        var cpu = new CpuResources();
        json.BeginObject();
        while (json.NextMember())
            if (json.Is("shares"u8)) cpu.Shares = json.UInt64();
            else if (json.Is("quota"u8)) cpu.Quota = json.Int64();
            else if (json.Is("burst"u8)) cpu.Burst = json.UInt64();
            else if (json.Is("period"u8)) cpu.Period = json.UInt64();
            else if (json.Is("realtimeRuntime"u8)) cpu.RealtimeRuntime = json.Int64();
            else if (json.Is("realtimePeriod"u8)) cpu.RealtimePeriod = json.UInt64();
            else if (json.Is("cpus"u8)) cpu.Cpus = json.String();
            else if (json.Is("mems"u8)) cpu.Mems = json.String();
            else if (json.Is("idle"u8)) cpu.Idle = json.Int64();
            else json.Ignore();
        return cpu;
    }

    private static PidsResources ReadPids(ref JsonCursor json)
    {
        var pids = new PidsResources();
        json.BeginObject();
        while (json.NextMember())
            if (json.Is("limit"u8)) pids.Limit = json.Int64();
            else json.Ignore();
        return pids;
    }

    private static BlockIoResources ReadBlockIo(ref JsonCursor json)
    {
        var io = new BlockIoResources();
        json.BeginObject();
        while (json.NextMember())
            if (json.Is("weight"u8)) io.Weight = json.UInt16();
            else if (json.Is("leafWeight"u8)) io.LeafWeight = json.UInt16();
            else if (json.Is("weightDevice"u8)) io.WeightDevice = json.List(ReadWeightDevice);
            else if (json.Is("throttleReadBpsDevice"u8)) io.ThrottleReadBpsDevice = json.List(ReadThrottleDevice);
            else if (json.Is("throttleWriteBpsDevice"u8)) io.ThrottleWriteBpsDevice = json.List(ReadThrottleDevice);
            else if (json.Is("throttleReadIOPSDevice"u8)) io.ThrottleReadIopsDevice = json.List(ReadThrottleDevice);
            else if (json.Is("throttleWriteIOPSDevice"u8)) io.ThrottleWriteIopsDevice = json.List(ReadThrottleDevice);
            else json.Ignore();
        return io;
    }

    private static WeightDevice ReadWeightDevice(ref JsonCursor json)
    {
        long? major = null, minor = null;
        ushort? weight = null, leafWeight = null;
        json.BeginObject();
        while (json.NextMember())
            if (json.Is("major"u8)) major = json.Int64();
            else if (json.Is("minor"u8)) minor = json.Int64();
            else if (json.Is("weight"u8)) weight = json.UInt16();
            else if (json.Is("leafWeight"u8)) leafWeight = json.UInt16();
            else json.Ignore();
        return new WeightDevice
        {
            Major = major ?? throw json.Missing("major"),
            Minor = minor ?? throw json.Missing("minor"),
            Weight = weight,
            LeafWeight = leafWeight,
        };
    }

    private static ThrottleDevice ReadThrottleDevice(ref JsonCursor json)
    {
        long? major = null, minor = null;
        ulong? rate = null;
        json.BeginObject();
        while (json.NextMember())
            if (json.Is("major"u8)) major = json.Int64();
            else if (json.Is("minor"u8)) minor = json.Int64();
            else if (json.Is("rate"u8)) rate = json.UInt64();
            else json.Ignore();
        return new ThrottleDevice
        {
            Major = major ?? throw json.Missing("major"),
            Minor = minor ?? throw json.Missing("minor"),
            Rate = rate ?? throw json.Missing("rate"),
        };
    }

    private static HugepageLimit ReadHugepageLimit(ref JsonCursor json)
    {
        string? pageSize = null;
        ulong? limit = null;
        json.BeginObject();
        while (json.NextMember())
            if (json.Is("pageSize"u8)) pageSize = json.String();
            else if (json.Is("limit"u8)) limit = json.UInt64();
            else json.Ignore();
        return new HugepageLimit { PageSize = pageSize ?? throw json.Missing("pageSize"), Limit = limit ?? throw json.Missing("limit") };
    }

    private static NetworkResources ReadNetwork(ref JsonCursor json)
    {
        var network = new NetworkResources();
        json.BeginObject();
        while (json.NextMember())
            if (json.Is("classID"u8)) network.ClassId = json.UInt32();
            else if (json.Is("priorities"u8)) network.Priorities = json.List(ReadInterfacePriority);
            else json.Ignore();
        return network;
    }

    private static InterfacePriority ReadInterfacePriority(ref JsonCursor json)
    {
        string? name = null;
        uint? priority = null;
        json.BeginObject();
        while (json.NextMember())
            if (json.Is("name"u8)) name = json.String();
            else if (json.Is("priority"u8)) priority = json.UInt32();
            else json.Ignore();
        return new InterfacePriority { Name = name ?? throw json.Missing("name"), Priority = priority ?? throw json.Missing("priority") };
    }

    private static RdmaLimit ReadRdmaLimit(ref JsonCursor json)
    {
        var limit = new RdmaLimit();
        json.BeginObject();
        while (json.NextMember())
            if (json.Is("hcaHandles"u8)) limit.HcaHandles = json.UInt32();
            else if (json.Is("hcaObjects"u8)) limit.HcaObjects = json.UInt32();
            else json.Ignore();
        return limit;
    }
}

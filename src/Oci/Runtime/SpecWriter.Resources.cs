namespace Rundlet.Oci;

/// <summary>Limits: config-linux.md, Control groups.</summary>
public static partial class SpecWriter
{
    private static void WriteResources(JsonWriter json, Resources resources)
    {
        json.Member("devices"u8, resources.Devices, WriteDeviceRule);
        json.Member("memory"u8, resources.Memory, WriteMemory);
        json.Member("cpu"u8, resources.Cpu, WriteCpu);
        json.Member("pids"u8, resources.Pids, (members, pids) => members.Member("limit"u8, pids.Limit));
        json.Member("blockIO"u8, resources.BlockIo, WriteBlockIo);
        json.Member("hugepageLimits"u8, resources.HugepageLimits, WriteHugepageLimit);
        json.Member("network"u8, resources.Network, WriteNetwork);
        json.Member("rdma"u8, resources.Rdma, WriteRdmaLimit);
        json.Member("unified"u8, resources.Unified);
    }

    private static void WriteDeviceRule(JsonWriter json, DeviceRule rule)
    {
        json.Member("allow"u8, rule.Allow);
        json.Member("type"u8, rule.Type);
        json.Member("major"u8, rule.Major);
        json.Member("minor"u8, rule.Minor);
        json.Member("access"u8, rule.Access);
    }

    private static void WriteMemory(JsonWriter json, MemoryResources memory)
    {
        json.Member("limit"u8, memory.Limit);
        json.Member("reservation"u8, memory.Reservation);
        json.Member("swap"u8, memory.Swap);
        json.Member("kernel"u8, memory.Kernel);
        json.Member("kernelTCP"u8, memory.KernelTcp);
        json.Member("swappiness"u8, memory.Swappiness);
        json.Member("disableOOMKiller"u8, memory.DisableOomKiller);
        json.Member("useHierarchy"u8, memory.UseHierarchy);
        json.Member("checkBeforeUpdate"u8, memory.CheckBeforeUpdate);
    }

    private static void WriteCpu(JsonWriter json, CpuResources cpu)
    {
        json.Member("shares"u8, cpu.Shares);
        json.Member("quota"u8, cpu.Quota);
        json.Member("burst"u8, cpu.Burst);
        json.Member("period"u8, cpu.Period);
        json.Member("realtimeRuntime"u8, cpu.RealtimeRuntime);
        json.Member("realtimePeriod"u8, cpu.RealtimePeriod);
        json.Member("cpus"u8, cpu.Cpus);
        json.Member("mems"u8, cpu.Mems);
        json.Member("idle"u8, cpu.Idle);
    }

    private static void WriteBlockIo(JsonWriter json, BlockIoResources io)
    {
        json.Member("weight"u8, io.Weight);
        json.Member("leafWeight"u8, io.LeafWeight);
        json.Member("weightDevice"u8, io.WeightDevice, WriteWeightDevice);
        json.Member("throttleReadBpsDevice"u8, io.ThrottleReadBpsDevice, WriteThrottleDevice);
        json.Member("throttleWriteBpsDevice"u8, io.ThrottleWriteBpsDevice, WriteThrottleDevice);
        json.Member("throttleReadIOPSDevice"u8, io.ThrottleReadIopsDevice, WriteThrottleDevice);
        json.Member("throttleWriteIOPSDevice"u8, io.ThrottleWriteIopsDevice, WriteThrottleDevice);
    }

    private static void WriteWeightDevice(JsonWriter json, WeightDevice device)
    {
        json.Member("major"u8, device.Major);
        json.Member("minor"u8, device.Minor);
        json.Member("weight"u8, device.Weight);
        json.Member("leafWeight"u8, device.LeafWeight);
    }

    private static void WriteThrottleDevice(JsonWriter json, ThrottleDevice device)
    {
        json.Member("major"u8, device.Major);
        json.Member("minor"u8, device.Minor);
        json.Member("rate"u8, device.Rate);
    }

    private static void WriteHugepageLimit(JsonWriter json, HugepageLimit limit)
    {
        json.Member("pageSize"u8, limit.PageSize);
        json.Member("limit"u8, limit.Limit);
    }

    private static void WriteNetwork(JsonWriter json, NetworkResources network)
    {
        json.Member("classID"u8, network.ClassId);
        json.Member("priorities"u8, network.Priorities, WriteInterfacePriority);
    }

    private static void WriteInterfacePriority(JsonWriter json, InterfacePriority priority)
    {
        json.Member("name"u8, priority.Name);
        json.Member("priority"u8, priority.Priority);
    }

    private static void WriteRdmaLimit(JsonWriter json, RdmaLimit limit)
    {
        json.Member("hcaHandles"u8, limit.HcaHandles);
        json.Member("hcaObjects"u8, limit.HcaObjects);
    }
}

using Rundlet.Oci;

namespace Rundlet.Engine.Options;

internal static partial class OptionsReader
{
    private static NamespaceOptions ReadNamespaceOptions(ref JsonCursor json)
    {
        NamespaceOptions it = new();
        json.BeginObject();
        while (json.NextMember())
            if (json.Is("ipc"u8)) it = it with { Ipc = json.String() };
            else if (json.Is("pid"u8)) it = it with { Pid = json.String() };
            else if (json.Is("uts"u8)) it = it with { Uts = json.String() };
            else if (json.Is("cgroup"u8)) it = it with { Cgroup = json.String() };
            else if (json.Is("user"u8)) it = it with { User = json.String() };
            else json.Ignore();
        return it;
    }

    private static DeviceOptions ReadDeviceOptions(ref JsonCursor json)
    {
        DeviceOptions it = new();
        json.BeginObject();
        while (json.NextMember())
            if (json.Is("nodes"u8)) it = it with { Nodes = json.List(ReadDeviceOption) };
            else if (json.Is("cdiNames"u8)) it = it with { CdiNames = json.Strings() };
            else if (json.Is("rules"u8)) it = it with { Rules = json.Strings() };
            else json.Ignore();
        return it;
    }

    private static ResourceOptions ReadResourceOptions(ref JsonCursor json)
    {
        ResourceOptions it = new();
        json.BeginObject();
        while (json.NextMember())
            if (json.Is("memory"u8)) it = it with { Memory = json.Int64() };
            else if (json.Is("memorySwap"u8)) it = it with { MemorySwap = json.Int64() };
            else if (json.Is("nanoCpus"u8)) it = it with { NanoCpus = json.Int64() };
            else if (json.Is("cpuShares"u8)) it = it with { CpuShares = json.Int64() };
            else if (json.Is("cpuPeriod"u8)) it = it with { CpuPeriod = json.Int64() };
            else if (json.Is("cpuQuota"u8)) it = it with { CpuQuota = json.Int64() };
            else if (json.Is("cpuRealtimePeriod"u8)) it = it with { CpuRealtimePeriod = json.Int64() };
            else if (json.Is("cpuRealtimeRuntime"u8)) it = it with { CpuRealtimeRuntime = json.Int64() };
            else if (json.Is("cpusetCpus"u8)) it = it with { CpusetCpus = json.String() };
            else if (json.Is("cpusetMems"u8)) it = it with { CpusetMems = json.String() };
            else if (json.Is("memoryReservation"u8)) it = it with { MemoryReservation = json.Int64() };
            else if (json.Is("memorySwappiness"u8)) it = it with { MemorySwappiness = json.Int64() };
            else if (json.Is("oomKillDisable"u8)) it = it with { OomKillDisable = json.Boolean() };
            else if (json.Is("blkioWeight"u8)) it = it with { BlkioWeight = json.Int64() };
            else if (json.Is("blkioWeightDevices"u8)) it = it with { BlkioWeightDevices = json.List(ReadDeviceRateOption) };
            else if (json.Is("deviceReadBps"u8)) it = it with { DeviceReadBps = json.List(ReadDeviceRateOption) };
            else if (json.Is("deviceWriteBps"u8)) it = it with { DeviceWriteBps = json.List(ReadDeviceRateOption) };
            else if (json.Is("deviceReadIops"u8)) it = it with { DeviceReadIops = json.List(ReadDeviceRateOption) };
            else if (json.Is("deviceWriteIops"u8)) it = it with { DeviceWriteIops = json.List(ReadDeviceRateOption) };
            else if (json.Is("pidsLimit"u8)) it = it with { PidsLimit = json.Int64() };
            else json.Ignore();
        return it;
    }

    private static SecurityOptions ReadSecurityOptions(ref JsonCursor json)
    {
        SecurityOptions it = new();
        json.BeginObject();
        while (json.NextMember())
            if (json.Is("privileged"u8)) it = it with { Privileged = json.Boolean() };
            else if (json.Is("capAdd"u8)) it = it with { CapAdd = json.Strings() };
            else if (json.Is("capDrop"u8)) it = it with { CapDrop = json.Strings() };
            else if (json.Is("noNewPrivileges"u8)) it = it with { NoNewPrivileges = json.Boolean() };
            else if (json.Is("seccomp"u8)) it = it with { Seccomp = json.String() };
            else if (json.Is("apparmor"u8)) it = it with { Apparmor = json.String() };
            else if (json.Is("masked"u8)) it = it with { Masked = json.Strings() };
            else if (json.Is("unmasked"u8)) it = it with { Unmasked = json.Strings() };
            else if (json.Is("procOptions"u8)) it = it with { ProcOptions = json.Strings() };
            else if (json.Is("selinux"u8)) it = it with { Selinux = ReadSelinuxOptions(ref json) };
            else if (json.Is("written"u8)) it = it with { Written = json.Strings() };
            else json.Ignore();
        return it;
    }

    private static SelinuxOptions ReadSelinuxOptions(ref JsonCursor json)
    {
        SelinuxOptions it = new();
        json.BeginObject();
        while (json.NextMember())
            if (json.Is("user"u8)) it = it with { User = json.String() };
            else if (json.Is("role"u8)) it = it with { Role = json.String() };
            else if (json.Is("type"u8)) it = it with { Type = json.String() };
            else if (json.Is("level"u8)) it = it with { Level = json.String() };
            else if (json.Is("fileType"u8)) it = it with { FileType = json.String() };
            else if (json.Is("disable"u8)) it = it with { Disable = json.Boolean() };
            else json.Ignore();
        return it;
    }

    private static DnsOptions ReadDnsOptions(ref JsonCursor json)
    {
        DnsOptions it = new();
        json.BeginObject();
        while (json.NextMember())
            if (json.Is("servers"u8)) it = it with { Servers = json.Strings() };
            else if (json.Is("search"u8)) it = it with { Search = json.Strings() };
            else if (json.Is("options"u8)) it = it with { Options = json.Strings() };
            else if (json.Is("hosts"u8)) it = it with { Hosts = json.Strings() };
            else json.Ignore();
        return it;
    }

    private static DeviceOption ReadDeviceOption(ref JsonCursor json)
    {
        DeviceOption it = new("", "", "");
        json.BeginObject();
        while (json.NextMember())
            if (json.Is("source"u8)) it = it with { Source = json.String() };
            else if (json.Is("target"u8)) it = it with { Target = json.String() };
            else if (json.Is("access"u8)) it = it with { Access = json.String() };
            else json.Ignore();
        return it;
    }

    private static DeviceRateOption ReadDeviceRateOption(ref JsonCursor json)
    {
        DeviceRateOption it = new("", 0);
        json.BeginObject();
        while (json.NextMember())
            if (json.Is("path"u8)) it = it with { Path = json.String() };
            else if (json.Is("rate"u8)) it = it with { Rate = json.Int64() };
            else json.Ignore();
        return it;
    }
}

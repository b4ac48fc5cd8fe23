using Rundlet.Linux.Cgroups;
using Rundlet.Linux.Resctrl;
using Rundlet.Oci;

namespace Rundlet.Runcs.Commands;

/// <summary>The lines of <c>events</c>: runc's members in runc's order, which monitors parse.</summary>
internal static class EventJson
{
    /// <summary>What a container uses, as one line.</summary>
    public static byte[] Stats(string id, CgroupStats stats, ResctrlStats? share = null) => Line("stats", id, json =>
    {
        json.WriteStartObject("data"u8);
        WriteCpu(json, stats.Cpu);
        WriteCpuset(json, stats.Cpuset);
        WriteMemory(json, stats.Memory);
        json.WriteStartObject("pids"u8);
        Unless0(json, "current"u8, stats.Pids?.Current ?? 0);
        Unless0(json, "limit"u8, stats.Pids is { Limit: < ulong.MaxValue } pids ? pids.Limit : 0);
        json.WriteEndObject();
        WriteBlockIo(json, stats);
        WriteHugetlb(json, stats.Hugetlb);
        json.WriteStartObject("intel_rdt"u8);
        if (share is not null)
            RdtJson.Write(json, share);
        json.WriteEndObject();
        if (stats.Rdma.Count + stats.RdmaLimits.Count > 0)
            WriteRdma(json, stats);
        json.WriteNull("network_interfaces"u8);
        json.WriteEndObject();
    });

    /// <summary>That memory ran out, as one line.</summary>
    public static byte[] Oom(string id) => Line("oom", id, static _ => { });

    private static byte[] Line(string type, string id, Action<JsonWriter> more)
    {
        JsonWriter json = new();
        json.WriteStartObject();
        json.WriteString("type"u8, type);
        json.WriteString("id"u8, id);
        more(json);
        json.WriteEndObject();
        json.EndLine();
        return json.ToArray();
    }

    private static void WriteCpu(JsonWriter json, CpuStats? cpu)
    {
        json.WriteStartObject("cpu"u8);
        json.WriteStartObject("usage"u8);
        Unless0(json, "total"u8, cpu?.Total ?? 0);
        WriteList(json, "percpu"u8, cpu?.PerCpu ?? []);
        WriteList(json, "percpu_kernel"u8, cpu?.PerCpuSystem ?? []);
        WriteList(json, "percpu_user"u8, cpu?.PerCpuUser ?? []);
        json.WriteNumber("kernel"u8, cpu?.System ?? 0);
        json.WriteNumber("user"u8, cpu?.User ?? 0);
        json.WriteEndObject();
        json.WriteStartObject("throttling"u8);
        Unless0(json, "periods"u8, cpu?.Periods ?? 0);
        Unless0(json, "throttledPeriods"u8, cpu?.ThrottledPeriods ?? 0);
        Unless0(json, "throttledTime"u8, cpu?.ThrottledTime ?? 0);
        json.WriteEndObject();
        WritePressure(json, cpu?.Pressure);
        json.WriteEndObject();
    }

    private static void WriteCpuset(JsonWriter json, CpusetStats? set)
    {
        json.WriteStartObject("cpuset"u8);
        WriteList(json, "cpus"u8, set?.Cpus ?? []);
        json.WriteNumber("cpu_exclusive"u8, set?.CpuExclusive ?? 0);
        WriteList(json, "mems"u8, set?.Mems ?? []);
        json.WriteNumber("mem_hardwall"u8, set?.MemHardwall ?? 0);
        json.WriteNumber("mem_exclusive"u8, set?.MemExclusive ?? 0);
        json.WriteNumber("memory_migrate"u8, set?.MemoryMigrate ?? 0);
        json.WriteNumber("memory_spread_page"u8, set?.MemorySpreadPage ?? 0);
        json.WriteNumber("memory_spread_slab"u8, set?.MemorySpreadSlab ?? 0);
        json.WriteNumber("memory_pressure"u8, set?.MemoryPressure ?? 0);
        json.WriteNumber("sched_load_balance"u8, set?.SchedLoadBalance ?? 0);
        json.WriteNumber("sched_relax_domain_level"u8, set?.SchedRelaxDomainLevel ?? 0);
        json.WriteEndObject();
    }

    private static void WriteMemory(JsonWriter json, MemoryStats? memory)
    {
        json.WriteStartObject("memory"u8);
        Unless0(json, "cache"u8, memory?.Cache ?? 0);
        WriteFigure(json, "usage"u8, memory is null ? default : new MemoryFigure(memory.Usage, memory.MaxUsage, memory.Limit, memory.FailCount));
        WriteFigure(json, "swap"u8, memory?.WithSwap ?? default);
        WriteFigure(json, "kernel"u8, memory?.KernelFigure ?? default);
        WriteFigure(json, "kernelTCP"u8, memory?.KernelTcp ?? default);
        if (memory is { Raw.Count: > 0 })
        {
            json.WriteStartObject("raw"u8);
            foreach ((string name, ulong value) in memory.Raw)
            {
                json.WritePropertyName(name);
                json.WriteNumberValue(value);
            }
            json.WriteEndObject();
        }
        WritePressure(json, memory?.Pressure);
        json.WriteEndObject();
    }

    private static void WriteFigure(JsonWriter json, ReadOnlySpan<byte> name, MemoryFigure figure)
    {
        json.WriteStartObject(name);
        json.WriteNumber("limit"u8, figure.Limit);
        Unless0(json, "usage"u8, figure.Usage);
        Unless0(json, "max"u8, figure.MaxUsage);
        json.WriteNumber("failcnt"u8, figure.FailCount);
        json.WriteEndObject();
    }

    private static void WriteBlockIo(JsonWriter json, CgroupStats stats)
    {
        json.WriteStartObject("blkio"u8);
        if (stats.BlockIo.Count > 0)
        {
            WriteDevices(json, "ioServiceBytesRecursive"u8, stats.BlockIo, static one => (one.ReadBytes, one.WrittenBytes, one.DiscardedBytes));
            WriteDevices(json, "ioServicedRecursive"u8, stats.BlockIo, static one => (one.Reads, one.Writes, one.Discards));
        }
        WritePressure(json, stats.IoPressure);
        json.WriteEndObject();
    }

    private static void WriteDevices(JsonWriter json, ReadOnlySpan<byte> name, IReadOnlyList<BlockIoStats> devices, Func<BlockIoStats, (ulong Read, ulong Write, ulong Discard)> figures)
    {
        json.WriteStartArray(name);
        foreach (BlockIoStats device in devices)
        {
            (ulong read, ulong write, ulong discard) = figures(device);
            WriteOperation(json, device, "Read", read);
            WriteOperation(json, device, "Write", write);
            WriteOperation(json, device, "Discard", discard);
            WriteOperation(json, device, "Total", read + write + discard);
        }
        json.WriteEndArray();
    }

    private static void WriteOperation(JsonWriter json, BlockIoStats device, string operation, ulong value)
    {
        json.WriteStartObject();
        Unless0(json, "major"u8, device.Major);
        Unless0(json, "minor"u8, device.Minor);
        json.WriteString("op"u8, operation);
        Unless0(json, "value"u8, value);
        json.WriteEndObject();
    }

    private static void WriteHugetlb(JsonWriter json, IReadOnlyList<HugetlbStats> pages)
    {
        json.WriteStartObject("hugetlb"u8);
        foreach (HugetlbStats size in pages)
        {
            json.WritePropertyName(size.PageSize);
            json.WriteStartObject();
            Unless0(json, "usage"u8, size.Usage);
            Unless0(json, "max"u8, size.MaxUsage);
            json.WriteNumber("failcnt"u8, size.FailCount);
            json.WriteEndObject();
        }
        json.WriteEndObject();
    }

    private static void WriteRdma(JsonWriter json, CgroupStats stats)
    {
        json.WriteStartObject("rdma"u8);
        WriteRdma(json, "rdma_limit"u8, stats.RdmaLimits);
        WriteRdma(json, "rdma_current"u8, stats.Rdma);
        json.WriteEndObject();
    }

    private static void WriteRdma(JsonWriter json, ReadOnlySpan<byte> name, IReadOnlyList<RdmaStats> devices)
    {
        json.WriteStartArray(name);
        foreach (RdmaStats device in devices)
        {
            json.WriteStartObject();
            json.WriteString("device"u8, device.Device);
            json.WriteNumber("hca_handles"u8, device.Handles);
            json.WriteNumber("hca_objects"u8, device.Objects);
            json.WriteEndObject();
        }
        json.WriteEndArray();
    }

    private static void WritePressure(JsonWriter json, PressureStats? pressure)
    {
        if (pressure is not { } both)
            return;
        json.WriteStartObject("psi"u8);
        WritePressure(json, "some"u8, both.Some);
        WritePressure(json, "full"u8, both.Full);
        json.WriteEndObject();
    }

    private static void WritePressure(JsonWriter json, ReadOnlySpan<byte> name, PressureLine line)
    {
        json.WriteStartObject(name);
        json.WriteHundredths("avg10"u8, line.Average10);
        json.WriteHundredths("avg60"u8, line.Average60);
        json.WriteHundredths("avg300"u8, line.Average300);
        json.WriteNumber("total"u8, line.Total);
        json.WriteEndObject();
    }

    private static void WriteList(JsonWriter json, ReadOnlySpan<byte> name, IReadOnlyList<ulong> numbers)
    {
        if (numbers.Count == 0)
            return;
        json.WriteStartArray(name);
        foreach (ulong number in numbers)
            json.WriteNumberValue(number);
        json.WriteEndArray();
    }

    private static void Unless0(JsonWriter json, ReadOnlySpan<byte> name, ulong value)
    {
        if (value != 0)
            json.WriteNumber(name, value);
    }
}

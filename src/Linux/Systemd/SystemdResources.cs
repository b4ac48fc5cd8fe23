using Rundlet.Linux.Cgroups;
using Rundlet.Linux.Cgroups.Controllers;

namespace Rundlet.Linux.Systemd;

/// <summary>
/// Limits as properties of a unit, systemd.resource-control(5). systemd writes its own idea of them into the cgroup again
/// whenever it likes, so what it has a property for must be told to it; the rest is in the files alone.
/// </summary>
internal static class SystemdResources
{
    private const ulong Infinity = ulong.MaxValue;
    private const int CpusetVersion = 244, PeriodVersion = 242, IdleVersion = 252;

    /// <summary>The properties for settings.</summary>
    /// <param name="settings">What to set.</param>
    /// <param name="isV2">Whether the machine has cgroup2 alone.</param>
    /// <param name="version">The manager's version: it refuses names that it does not know.</param>
    /// <exception cref="ContainerException">The settings contradict each other.</exception>
    public static List<SystemdProperty> Of(CgroupSettings settings, bool isV2, int version)
    {
        var properties = new List<SystemdProperty>();
        void Add(string name, ulong value) => properties.Add(new SystemdProperty(name, DBusValue.UInt64(value)));

        AddMemory(settings.Memory, isV2, Add);
        AddCpu(settings.Cpu, isV2, version, Add);
        if (settings.PidsLimit is { } pids and not 0)
            Add("TasksMax", Limit(pids));
        if (settings.BlockIo?.Weight is { } weight and not 0)
            Add(isV2 ? "IOWeight" : "BlockIOWeight", isV2 ? BlockIoController.WeightOf(weight) : weight);
        if (isV2 && version >= CpusetVersion)
        {
            AddSet(properties, "AllowedCPUs", settings.CpusetCpus);
            AddSet(properties, "AllowedMemoryNodes", settings.CpusetMems);
        }
        if (isV2)
            AddUnified(settings.Unified, version, properties);
        return properties;
    }

    /// <summary>Properties that take others back: what they were, or systemd's "not set".</summary>
    public static List<SystemdProperty> Undo(IReadOnlyList<SystemdProperty> written, IReadOnlyList<SystemdProperty> before)
    {
        var undo = new List<SystemdProperty>();
        foreach (SystemdProperty property in written)
        {
            DBusValue value = property.Value.Signature == "ay" ? DBusValue.Bytes([]) : DBusValue.UInt64(property.Name == "MemoryLow" ? 0 : Infinity);
            foreach (SystemdProperty old in before)
            {
                if (old.Name == property.Name)
                    value = old.Value;
            }
            undo.Add(new SystemdProperty(property.Name, value));
        }
        return undo;
    }

    /// <summary>A list of numbers as bits, the lowest first: <c>0-2,8</c> is 07 01.</summary>
    internal static byte[] BitsOf(ReadOnlySpan<char> list)
    {
        List<ulong> numbers = CpusetController.ParseList(System.Text.Encoding.UTF8.GetBytes(list.ToString().Replace(" ", "")));
        byte[] bits = [];
        foreach (ulong number in numbers)
        {
            if ((int)number / 8 >= bits.Length)
                System.Array.Resize(ref bits, (int)number / 8 + 1);
            bits[number / 8] |= (byte)(1 << (int)(number % 8));
        }
        return bits;
    }

    /// <summary>CPU time a second of real time, in microseconds; systemd rounds up to a hundredth of a processor.</summary>
    internal static ulong QuotaPerSecond(long quota, ulong period)
    {
        const ulong Second = 1_000_000, Step = 10_000;
        if (quota < 0)
            return Infinity;
        ulong perSecond = (ulong)(quota * (double)Second / (period == 0 ? 100_000 : period));
        return (perSecond + Step - 1) / Step * Step;
    }

    private static void AddMemory(MemorySettings? memory, bool isV2, Action<string, ulong> add)
    {
        if (memory?.Limit is { } limit and not 0)
            add(isV2 ? "MemoryMax" : "MemoryLimit", Limit(limit));
        if (memory is null || !isV2)
            return;
        if (memory.Reservation is { } reservation and not 0)
            add("MemoryLow", Limit(reservation));
        if (MemoryController.SwapOnly(memory.Limit ?? 0, memory.Swap ?? 0) is { } swap)
            add("MemorySwapMax", Limit(swap));
    }

    private static void AddCpu(CpuSettings? cpu, bool isV2, int version, Action<string, ulong> add)
    {
        if (cpu is null)
            return;
        if (cpu.Idle == 1 && isV2 && version >= IdleVersion)
            add("CPUWeight", 0); // "idle"
        else if (cpu.Shares is { } shares and not 0)
            add(isV2 ? "CPUWeight" : "CPUShares", isV2 ? CpuController.WeightOf(shares) : shares);
        if (cpu.Period is { } period and not 0 && version >= PeriodVersion)
            add("CPUQuotaPeriodUSec", period);
        if (cpu.Quota is { } quota and not 0)
            add("CPUQuotaPerSecUSec", QuotaPerSecond(quota, cpu.Period ?? 0));
    }

    /// <summary>Those files of v2 that a property stands for.</summary>
    private static void AddUnified(IReadOnlyDictionary<string, string>? unified, int version, List<SystemdProperty> properties)
    {
        foreach ((string file, string text) in unified ?? new Dictionary<string, string>())
        {
            string? name = file switch
            {
                "memory.max" => "MemoryMax",
                "memory.high" => "MemoryHigh",
                "memory.low" => "MemoryLow",
                "memory.min" => "MemoryMin",
                "memory.swap.max" => "MemorySwapMax",
                "pids.max" => "TasksMax",
                "cpu.weight" => "CPUWeight",
                _ => null,
            };
            if (name is not null && FlatFile.Number(System.Text.Encoding.UTF8.GetBytes(text.Trim())) is { } number)
                properties.Add(new SystemdProperty(name, DBusValue.UInt64(number)));
            else if (file == "cpu.max")
                AddCpuMax(text, version, properties);
            else if (file is "cpuset.cpus" or "cpuset.mems" && version >= CpusetVersion)
                AddSet(properties, file == "cpuset.cpus" ? "AllowedCPUs" : "AllowedMemoryNodes", text);
        }
    }

    private static void AddCpuMax(string text, int version, List<SystemdProperty> properties)
    {
        string[] words = text.Split((char[])[' ', '\n'], StringSplitOptions.RemoveEmptyEntries);
        if (words.Length is < 1 or > 2 || !ulong.TryParse(words.Length == 2 ? words[1] : "100000", out ulong period))
            return; // the kernel will say what is wrong with it
        if (words[0] != "max" && !long.TryParse(words[0], out _))
            return;
        long quota = words[0] == "max" ? -1 : long.Parse(words[0]);
        properties.Add(new SystemdProperty("CPUQuotaPerSecUSec", DBusValue.UInt64(QuotaPerSecond(quota, period))));
        if (version >= PeriodVersion)
            properties.Add(new SystemdProperty("CPUQuotaPeriodUSec", DBusValue.UInt64(period)));
    }

    private static void AddSet(List<SystemdProperty> properties, string name, string? list)
    {
        if (!string.IsNullOrEmpty(list) && BitsOf(list) is { Length: > 0 } bits)
            properties.Add(new SystemdProperty(name, DBusValue.Bytes(bits)));
    }

    private static ulong Limit(long value) => value < 0 ? Infinity : (ulong)value;
}

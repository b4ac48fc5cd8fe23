using System.Buffers.Text;
using Rundlet.Syscalls;

namespace Rundlet.Linux.Cgroups.Controllers;

/// <summary>CPUs and memory nodes: cgroup-v1/cpusets and cgroup-v2, "Cpuset".</summary>
internal static class CpusetController
{
    private const string Cpus = "cpuset.cpus";
    private const string Mems = "cpuset.mems";

    /// <summary>Writes the settings.</summary>
    public static void Apply(CgroupFolders folders, CgroupSettings settings)
    {
        if (!string.IsNullOrEmpty(settings.CpusetCpus))
            folders.Require(CgroupControllers.Cpuset, "cpuset cpus").Write(Cpus, settings.CpusetCpus, "cpuset cpus");
        if (!string.IsNullOrEmpty(settings.CpusetMems))
            folders.Require(CgroupControllers.Cpuset, "cpuset mems").Write(Mems, settings.CpusetMems, "cpuset mems");
    }

    /// <summary>Reads what there is to say.</summary>
    public static void Collect(CgroupFolders folders, CgroupStats stats)
    {
        if (folders.Find(CgroupControllers.Cpuset) is not { } folder)
            return;
        ulong Switch(string name) => folder.IsV2 ? 0 : folder.TryReadNumber("cpuset." + name) ?? 0;
        string suffix = folder.IsV2 ? ".effective" : "";
        stats.Cpuset = new CpusetStats
        {
            Cpus = ParseList(folder.TryRead(Cpus + suffix)),
            Mems = ParseList(folder.TryRead(Mems + suffix)),
            CpuExclusive = Switch("cpu_exclusive"),
            MemExclusive = Switch("mem_exclusive"),
            MemHardwall = Switch("mem_hardwall"),
            MemoryMigrate = Switch("memory_migrate"),
            MemorySpreadPage = Switch("memory_spread_page"),
            MemorySpreadSlab = Switch("memory_spread_slab"),
            MemoryPressure = Switch("memory_pressure"),
            SchedLoadBalance = Switch("sched_load_balance"),
            SchedRelaxDomainLevel = (long)Switch("sched_relax_domain_level"), // -1 reads as the largest number
        };
    }

    /// <summary><c>0-3,7</c> as numbers, at most 65536 of them; none for a text of another form.</summary>
    internal static List<ulong> ParseList(ReadOnlySpan<byte> text)
    {
        var numbers = new List<ulong>();
        text = text.TrimEnd((byte)'\n');
        while (!text.IsEmpty)
        {
            int comma = text.IndexOf((byte)',');
            ReadOnlySpan<byte> part = comma < 0 ? text : text[..comma];
            text = comma < 0 ? default : text[(comma + 1)..];
            if (!Utf8Parser.TryParse(part, out ushort first, out int used))
                return [];
            ushort last = first;
            if (used < part.Length && (part[used] != '-' || !Utf8Parser.TryParse(part[(used + 1)..], out last, out _)))
                return [];
            for (int number = first; number <= last && numbers.Count <= ushort.MaxValue; number++)
                numbers.Add((ulong)number);
        }
        return numbers;
    }

    /// <summary>A new v1 cpuset is empty, and no task can join it: it gets what its parent has.</summary>
    /// <exception cref="LinuxException">The kernel refused.</exception>
    public static void Inherit(string folder)
    {
        string parent = folder[..folder.LastIndexOf('/')];
        Copy(parent, folder, Cpus);
        Copy(parent, folder, Mems);
    }

    private static void Copy(string from, string to, string file)
    {
        byte[] value = FileIo.ReadFile(Sys.AT_FDCWD, $"{from}/{file}");
        string target = $"{to}/{file}";
        using OwnedFd fd = FileIo.Open(Sys.AT_FDCWD, target, O.WRONLY);
        FileIo.WriteAll(fd.Value, value, target);
    }
}

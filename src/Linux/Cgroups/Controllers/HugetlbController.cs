using Rundlet.Syscalls;

namespace Rundlet.Linux.Cgroups.Controllers;

/// <summary>Huge pages: cgroup-v1/hugetlb and cgroup-v2, "HugeTLB".</summary>
internal static class HugetlbController
{
    private const string Setting = "hugepage limit";

    /// <summary>Writes the limits, also those of reservations, which kernels have since 5.7.</summary>
    public static void Apply(CgroupFolders folders, IReadOnlyList<HugetlbSetting> settings)
    {
        if (settings.Count == 0)
            return;
        CgroupFolder folder = folders.Require(CgroupControllers.Hugetlb, Setting);
        foreach ((string size, ulong limit) in settings)
        {
            if (!IsPageSize(size))
                throw new ContainerException(ContainerErrorKind.InvalidArgument, $"{Setting}: page size '{size}' is not like '2MB'");
            string suffix = folder.IsV2 ? "max" : "limit_in_bytes";
            folder.Write($"hugetlb.{size}.{suffix}", limit.ToString(), $"{Setting} of {size}");
            string reserved = $"hugetlb.{size}.rsvd.{suffix}";
            Errno error = folder.TryWrite(reserved, limit.ToString());
            if (error is not (Errno.None or Errno.ENOENT))
                throw CgroupErrors.CannotWrite(folder, reserved, limit.ToString(), $"{Setting} of {size}", error);
        }
    }

    /// <summary>Reads the figures, for each page size that the kernel has.</summary>
    public static void Collect(CgroupFolders folders, CgroupStats stats)
    {
        if (folders.Find(CgroupControllers.Hugetlb) is not { } folder)
            return;
        var all = new List<HugetlbStats>();
        foreach (string size in PageSizes())
        {
            string prefix = $"hugetlb.{size}.";
            if (folder.TryReadNumber(prefix + (folder.IsV2 ? "current" : "usage_in_bytes")) is not { } usage)
                continue;
            ulong limit = folder.TryReadNumber(prefix + (folder.IsV2 ? "max" : "limit_in_bytes")) ?? ulong.MaxValue;
            ulong failures = folder.IsV2
                ? folder.TryRead(prefix + "events") is { } events ? FlatFile.FindOrZero(events, "max"u8) : 0
                : folder.TryReadNumber(prefix + "failcnt") ?? 0;
            ulong peak = folder.IsV2 ? 0 : folder.TryReadNumber(prefix + "max_usage_in_bytes") ?? 0;
            all.Add(new HugetlbStats(size, usage, peak, limit, failures));
        }
        stats.Hugetlb = all;
    }

    /// <summary>Digits without a zero in front, then a unit: nothing that could leave the folder.</summary>
    internal static bool IsPageSize(ReadOnlySpan<char> size)
    {
        if (size.Length < 3 || size[^1] != 'B' || size[^2] is not ('K' or 'M' or 'G') || size[0] == '0')
            return false;
        return !size[..^2].ContainsAnyExceptInRange('0', '9');
    }

    private static IEnumerable<string> PageSizes()
    {
        // /sys/kernel/mm/hugepages/hugepages-2048kB
        const string Folder = "/sys/kernel/mm/hugepages";
        foreach (string folder in FolderList.FoldersIn(Folder))
        {
            ReadOnlySpan<char> name = folder;
            if (name.StartsWith("hugepages-") && name.EndsWith("kB") && ulong.TryParse(name["hugepages-".Length..^2], out ulong kib))
                yield return NameOf(kib);
        }
    }

    internal static string NameOf(ulong kib)
    {
        if (kib >= 1 << 20)
            return $"{kib >> 20}GB";
        return kib >= 1 << 10 ? $"{kib >> 10}MB" : $"{kib}KB";
    }
}

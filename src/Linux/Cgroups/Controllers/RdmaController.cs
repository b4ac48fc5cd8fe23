using System.Text;
using Rundlet.Linux.Proc;

namespace Rundlet.Linux.Cgroups.Controllers;

/// <summary>RDMA devices: cgroup-v1/rdma and cgroup-v2, "RDMA"; the same files in both.</summary>
internal static class RdmaController
{
    /// <summary>Writes the limits.</summary>
    public static void Apply(CgroupFolders folders, IReadOnlyList<RdmaSetting> settings)
    {
        foreach ((string device, uint? handles, uint? objects) in settings)
        {
            string value = $"{device} hca_handle={Text(handles)} hca_object={Text(objects)}";
            folders.Require(CgroupControllers.Rdma, "rdma limit").Write("rdma.max", value, $"rdma limit of {device}");
        }
    }

    /// <summary>Reads the figures.</summary>
    public static void Collect(CgroupFolders folders, CgroupStats stats)
    {
        if (folders.Find(CgroupControllers.Rdma) is not { } folder)
            return;
        stats.Rdma = Parse(folder.TryRead("rdma.current"));
        stats.RdmaLimits = Parse(folder.TryRead("rdma.max"));
    }

    private static List<RdmaStats> Parse(ReadOnlySpan<byte> text)
    {
        var all = new List<RdmaStats>();
        while (MountInfoText.NextLine(ref text, out ReadOnlySpan<byte> line))
        {
            string device = Encoding.UTF8.GetString(MountInfoText.NextField(ref line));
            all.Add(new RdmaStats(device, FlatFile.NamedOrZero(line, "hca_handle"u8), FlatFile.NamedOrZero(line, "hca_object"u8)));
        }
        return all;
    }

    private static string Text(uint? limit) => limit is { } number ? number.ToString() : "max";
}

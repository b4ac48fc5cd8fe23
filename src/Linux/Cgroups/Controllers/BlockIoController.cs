using Rundlet.Linux.Proc;
using Rundlet.Syscalls;

namespace Rundlet.Linux.Cgroups.Controllers;

/// <summary>
/// Block devices: cgroup-v1/blkio-controller and cgroup-v2, "IO". Weights are of two schedulers: BFQ's files have
/// <c>bfq</c> in their names and take 1 to 1000 in both versions.
/// </summary>
internal static class BlockIoController
{
    private const string WeightSetting = "block io weight";

    /// <summary>Writes the settings.</summary>
    public static void Apply(CgroupFolders folders, BlockIoSettings? settings)
    {
        if (settings is null || FirstSetting(settings) is not { } first)
            return;
        CgroupFolder folder = folders.Require(CgroupControllers.Io, first);
        if (folder.IsV2)
            ApplyV2(folder, settings);
        else
            ApplyV1(folder, settings);
    }

    /// <summary>Reads the figures.</summary>
    public static void Collect(CgroupFolders folders, CgroupStats stats)
    {
        stats.IoPressure = PressureFile.Read(folders.Unified, "io.pressure");
        if (folders.Find(CgroupControllers.Io) is not { } folder)
            return;
        stats.BlockIo = folder.IsV2 ? CollectV2(folder) : CollectV1(folder);
    }

    /// <summary>The weight of v2, 1 to 10000, for a weight of v1, 10 to 1000.</summary>
    public static uint WeightOf(ushort weight) => 1 + ((uint)Math.Clamp(weight, (ushort)10, (ushort)1000) - 10) * 9999 / 990;

    private static void ApplyV1(CgroupFolder folder, BlockIoSettings settings)
    {
        if (settings.Weight is { } weight and not 0)
            WriteEither(folder, "blkio.weight", "blkio.bfq.weight", weight.ToString(), weight.ToString());
        if (settings.LeafWeight is { } leaf and not 0)
            folder.Write("blkio.leaf_weight", leaf.ToString(), "block io leaf weight");
        foreach (DeviceWeight device in settings.DeviceWeights)
        {
            if (device.Weight != 0)
            {
                string value = $"{device.Major}:{device.Minor} {device.Weight}";
                WriteEither(folder, "blkio.weight_device", "blkio.bfq.weight_device", value, value);
            }
            if (device.LeafWeight != 0)
                folder.Write("blkio.leaf_weight_device", $"{device.Major}:{device.Minor} {device.LeafWeight}", "block io leaf weight");
        }
        WriteRates(folder, "blkio.throttle.read_bps_device", settings.ReadBytes, "block io read rate");
        WriteRates(folder, "blkio.throttle.write_bps_device", settings.WriteBytes, "block io write rate");
        WriteRates(folder, "blkio.throttle.read_iops_device", settings.ReadOperations, "block io read operations");
        WriteRates(folder, "blkio.throttle.write_iops_device", settings.WriteOperations, "block io write operations");
    }

    private static void ApplyV2(CgroupFolder folder, BlockIoSettings settings)
    {
        if (settings.LeafWeight is > 0)
            throw CgroupErrors.NotInV2("block io leaf weight");
        if (settings.Weight is { } weight and not 0)
            WriteEither(folder, "io.bfq.weight", "io.weight", weight.ToString(), WeightOf(weight).ToString());
        foreach (DeviceWeight device in settings.DeviceWeights)
        {
            if (device.LeafWeight != 0)
                throw CgroupErrors.NotInV2("block io leaf weight");
            if (device.Weight != 0)
            {
                string name = $"{device.Major}:{device.Minor}";
                WriteEither(folder, "io.bfq.weight", "io.weight", $"{name} {device.Weight}", $"{name} {WeightOf(device.Weight)}");
            }
        }
        WriteMaxima(folder, "rbps", settings.ReadBytes, "block io read rate");
        WriteMaxima(folder, "wbps", settings.WriteBytes, "block io write rate");
        WriteMaxima(folder, "riops", settings.ReadOperations, "block io read operations");
        WriteMaxima(folder, "wiops", settings.WriteOperations, "block io write operations");
    }

    private static void WriteEither(CgroupFolder folder, string file, string otherFile, string value, string otherValue)
    {
        Errno error = folder.TryWrite(file, value);
        if (error is Errno.ENOENT)
            folder.Write(otherFile, otherValue, WeightSetting);
        else if (error != Errno.None)
            throw CgroupErrors.CannotWrite(folder, file, value, WeightSetting, error);
    }

    private static void WriteRates(CgroupFolder folder, string file, IReadOnlyList<DeviceRate> rates, string setting)
    {
        foreach (DeviceRate rate in rates)
            folder.Write(file, $"{rate.Major}:{rate.Minor} {rate.Rate}", setting);
    }

    private static void WriteMaxima(CgroupFolder folder, string key, IReadOnlyList<DeviceRate> rates, string setting)
    {
        foreach (DeviceRate rate in rates)
            folder.Write("io.max", $"{rate.Major}:{rate.Minor} {key}={(rate.Rate == 0 ? "max" : rate.Rate.ToString())}", setting);
    }

    private static string? FirstSetting(BlockIoSettings settings)
    {
        if (settings.Weight is > 0 || settings.DeviceWeights.Count > 0)
            return WeightSetting;
        if (settings.LeafWeight is > 0)
            return "block io leaf weight";
        return settings.ReadBytes.Count + settings.WriteBytes.Count + settings.ReadOperations.Count + settings.WriteOperations.Count > 0
            ? "block io rate"
            : null;
    }

    private static List<BlockIoStats> CollectV1(CgroupFolder folder)
    {
        var devices = new List<BlockIoStats>();
        // BFQ counts what it schedules; the throttle files count on every device, but only since they exist for this cgroup.
        byte[]? bytes = NonEmpty(folder.TryRead("blkio.bfq.io_service_bytes_recursive")) ?? folder.TryRead("blkio.throttle.io_service_bytes_recursive")
            ?? folder.TryRead("blkio.throttle.io_service_bytes");
        byte[]? operations = NonEmpty(folder.TryRead("blkio.bfq.io_serviced_recursive")) ?? folder.TryRead("blkio.throttle.io_serviced_recursive")
            ?? folder.TryRead("blkio.throttle.io_serviced");
        AddV1(devices, bytes, isBytes: true);
        AddV1(devices, operations, isBytes: false);
        return devices;
    }

    /// <summary>A file with nothing but <c>Total 0</c> in it says nothing.</summary>
    private static byte[]? NonEmpty(byte[]? text) => text is not null && text.AsSpan().Contains((byte)':') ? text : null;

    private static void AddV1(List<BlockIoStats> devices, ReadOnlySpan<byte> text, bool isBytes)
    {
        // 8:0 Read 4096
        while (MountInfoText.NextLine(ref text, out ReadOnlySpan<byte> line))
        {
            if (!FlatFile.TryDevice(ref line, out uint major, out uint minor))
                continue;
            ReadOnlySpan<byte> operation = MountInfoText.NextField(ref line);
            ulong number = FlatFile.Number(line) ?? 0;
            BlockIoStats device = DeviceOf(devices, major, minor);
            if (operation.SequenceEqual("Read"u8))
                _ = isBytes ? device.ReadBytes += number : device.Reads += number;
            else if (operation.SequenceEqual("Write"u8))
                _ = isBytes ? device.WrittenBytes += number : device.Writes += number;
            else if (operation.SequenceEqual("Discard"u8))
                _ = isBytes ? device.DiscardedBytes += number : device.Discards += number;
        }
    }

    private static List<BlockIoStats> CollectV2(CgroupFolder folder)
    {
        var devices = new List<BlockIoStats>();
        ReadOnlySpan<byte> text = folder.TryRead("io.stat");
        while (MountInfoText.NextLine(ref text, out ReadOnlySpan<byte> line))
        {
            if (!FlatFile.TryDevice(ref line, out uint major, out uint minor))
                continue;
            devices.Add(new BlockIoStats
            {
                Major = major,
                Minor = minor,
                ReadBytes = FlatFile.NamedOrZero(line, "rbytes"u8),
                WrittenBytes = FlatFile.NamedOrZero(line, "wbytes"u8),
                Reads = FlatFile.NamedOrZero(line, "rios"u8),
                Writes = FlatFile.NamedOrZero(line, "wios"u8),
                DiscardedBytes = FlatFile.NamedOrZero(line, "dbytes"u8),
                Discards = FlatFile.NamedOrZero(line, "dios"u8),
            });
        }
        return devices;
    }

    private static BlockIoStats DeviceOf(List<BlockIoStats> devices, uint major, uint minor)
    {
        foreach (BlockIoStats device in devices)
        {
            if (device.Major == major && device.Minor == minor)
                return device;
        }
        var added = new BlockIoStats { Major = major, Minor = minor };
        devices.Add(added);
        return added;
    }
}

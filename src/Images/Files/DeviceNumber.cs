namespace Rundlet.Images.Files;

/// <summary>Device numbers as mknod(2) takes them; see makedev(3).</summary>
internal static class DeviceNumber
{
    /// <summary>12 bits of major between the low 8 and the high 12 of minor.</summary>
    public static ulong Of(uint major, uint minor) => (minor & 0xff) | (ulong)major << 8 | (ulong)(minor & ~0xffu) << 12;
}

using System.Globalization;
using Rundlet.Linux;

namespace Rundlet.Engine.Options;

/// <summary>A number for one block device, from <c>--device-read-bps</c> and its like, or <c>--blkio-weight-device</c>.</summary>
/// <param name="Path">The device's path on the host.</param>
/// <param name="Rate">Bytes or operations in a second, or the weight.</param>
public sealed record DeviceRateOption(string Path, long Rate)
{
    private const string DeviceFolder = "/dev/";

    /// <summary>Reads <c>/dev/NAME:SIZE</c>, bytes in a second with a unit as in <c>1mb</c>.</summary>
    /// <exception cref="ContainerException">InvalidArgument.</exception>
    public static DeviceRateOption ParseBytes(string text)
    {
        (string path, string rate) = Split(text);
        return new DeviceRateOption(path, Quantity.ParseBytes(rate, $"rate of '{path}'"));
    }

    /// <summary>Reads <c>/dev/NAME:NUMBER</c>.</summary>
    /// <exception cref="ContainerException">InvalidArgument.</exception>
    public static DeviceRateOption ParseNumber(string text)
    {
        (string path, string rate) = Split(text);
        return long.TryParse(rate, NumberStyles.None, CultureInfo.InvariantCulture, out long number)
            ? new DeviceRateOption(path, number)
            : throw new ContainerException(ContainerErrorKind.InvalidArgument, $"invalid number '{rate}' for device '{path}'");
    }

    private static (string Path, string Rate) Split(string text)
    {
        int colon = text.LastIndexOf(':');
        return colon > 0 && text.StartsWith(DeviceFolder, StringComparison.Ordinal)
            ? (text[..colon], text[(colon + 1)..])
            : throw new ContainerException(ContainerErrorKind.InvalidArgument, $"invalid device setting '{text}'") { Hint = "write the device's path and a number, as in /dev/sda:1mb" };
    }
}

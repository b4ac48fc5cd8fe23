using System.Globalization;
using System.Net;

namespace Rundlet.Linux.Netlink;

/// <summary>A 48-bit hardware address.</summary>
public readonly record struct MacAddress(ulong Value)
{
    private const byte LocallyAdministered = 0x02;
    private const byte Ours = 0x72; // the second byte of derived addresses: an 'r'

    /// <summary>The address that belongs to an IP address, to the last four bytes of it: locally administered, unicast, the same every time.</summary>
    public static MacAddress Of(IPAddress address)
    {
        ulong value = ((ulong)LocallyAdministered << 8) | Ours;
        foreach (byte b in address.GetAddressBytes().AsSpan(^4..))
            value = (value << 8) | b;
        return new MacAddress(value);
    }

    /// <summary>Reads <c>02:72:ac:1e:00:02</c>.</summary>
    public static bool TryParse(string text, out MacAddress address)
    {
        address = default;
        string[] parts = text.Split(':');
        if (parts.Length != 6)
            return false;
        ulong value = 0;
        foreach (string part in parts)
        {
            if (part.Length != 2 || !byte.TryParse(part, NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out byte b))
                return false;
            value = (value << 8) | b;
        }
        address = new MacAddress(value);
        return true;
    }

    /// <summary>Whether a single interface may carry it: not a group address and not zero.</summary>
    public bool IsUnicast => Value != 0 && (Value >> 40 & 1) == 0;

    /// <summary>Six bytes, as on the wire.</summary>
    public byte[] ToBytes() => [(byte)(Value >> 40), (byte)(Value >> 32), (byte)(Value >> 24), (byte)(Value >> 16), (byte)(Value >> 8), (byte)Value];

    /// <summary>From six bytes; other lengths (tunnels have them) give zero.</summary>
    public static MacAddress FromBytes(ReadOnlySpan<byte> bytes)
    {
        ulong value = 0;
        if (bytes.Length == 6)
        {
            foreach (byte b in bytes)
                value = (value << 8) | b;
        }
        return new MacAddress(value);
    }

    /// <inheritdoc/>
    public override string ToString() => string.Join(':', Array.ConvertAll(ToBytes(), static b => b.ToString("x2", CultureInfo.InvariantCulture)));
}

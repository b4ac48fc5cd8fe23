using System.Net;
using System.Net.Sockets;
using System.Text;

namespace Rundlet.Dns.Names;

/// <summary>A container in a network, as a resolver keeps it: names in small letters, addresses as they stand in answers.</summary>
internal sealed class NamedContainer
{
    /// <summary>From a file.</summary>
    public NamedContainer(string id, FileStamp stamp, NamesRecord record)
    {
        Id = id;
        Stamp = stamp;
        Names = new byte[record.Names.Count][];
        for (int i = 0; i < Names.Length; i++)
            Names[i] = Encoding.UTF8.GetBytes(record.Names[i].ToLowerInvariant());
        Ipv4 = Bytes(record, AddressFamily.InterNetwork);
        Ipv6 = Bytes(record, AddressFamily.InterNetworkV6);
    }

    /// <summary>Its id.</summary>
    public string Id { get; }

    /// <summary>The file's.</summary>
    public FileStamp Stamp { get; }

    /// <summary>Its names, its own first.</summary>
    public byte[][] Names { get; }

    /// <summary>Its IPv4 addresses, four bytes each.</summary>
    public byte[] Ipv4 { get; }

    /// <summary>Its IPv6 addresses, sixteen bytes each.</summary>
    public byte[] Ipv6 { get; }

    /// <summary>Until when it is known to run, by <see cref="Environment.TickCount64"/>.</summary>
    public long RunsUntil { get; set; }

    /// <summary>Whether an address is its own.</summary>
    public bool Has(ReadOnlySpan<byte> address)
    {
        ReadOnlySpan<byte> all = address.Length == 4 ? Ipv4 : Ipv6;
        for (; all.Length >= address.Length; all = all[address.Length..])
        {
            if (all.StartsWith(address))
                return true;
        }
        return false;
    }

    private static byte[] Bytes(NamesRecord record, AddressFamily family)
    {
        List<byte> bytes = [];
        foreach (IPAddress address in record.Addresses)
        {
            if (address.AddressFamily == family)
                bytes.AddRange(address.GetAddressBytes());
        }
        return [.. bytes];
    }
}

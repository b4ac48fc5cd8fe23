using System.Net;
using System.Text;
using Rundlet.Linux;

namespace Rundlet.Dns.Names;

/// <summary>
/// By which names one container is known on one network, and where it is there. On disk a line each: <c>address 172.30.0.2</c>,
/// <c>name web</c>.
/// </summary>
public sealed record NamesRecord
{
    /// <summary>The most addresses.</summary>
    public const int MaxAddresses = 16;

    /// <summary>The most names.</summary>
    public const int MaxNames = 128;

    /// <summary>The longest name, in bytes: a domain name's, RFC 1035.</summary>
    public const int MaxNameLength = 253;

    /// <summary>The largest file, in bytes.</summary>
    internal const int MaxFile = MaxNames * (MaxNameLength + 16);

    private const string AddressWord = "address ", NameWord = "name ";

    /// <summary>Its addresses, IPv4 and IPv6.</summary>
    public IReadOnlyList<IPAddress> Addresses { get; init; } = [];

    /// <summary>Its names, without regard to case. The first one is what its addresses are called: the container's own.</summary>
    public IReadOnlyList<string> Names { get; init; } = [];

    /// <summary>The same with another name in the place of one; that of others stay.</summary>
    public NamesRecord Renamed(string from, string to) => this with { Names = [.. Names.Select(name => Same(name, from) ? to : name)] };

    /// <summary>The file.</summary>
    /// <exception cref="ContainerException">InvalidArgument: a name cannot be one, or there are too many.</exception>
    internal byte[] ToBytes()
    {
        if (Addresses.Count > MaxAddresses || Names.Count > MaxNames)
            throw Invalid($"a container has at most {MaxNames} names and {MaxAddresses} addresses in a network");
        StringBuilder text = new();
        foreach (IPAddress address in Addresses)
            text.Append(AddressWord).Append(address).Append('\n');
        foreach (string name in Names.Distinct(StringComparer.OrdinalIgnoreCase))
        {
            Check(name);
            text.Append(NameWord).Append(name).Append('\n');
        }
        return Encoding.UTF8.GetBytes(text.ToString());
    }

    /// <summary>Reads a file; what it does not know it leaves out, for it may be newer.</summary>
    internal static NamesRecord Read(ReadOnlySpan<byte> file)
    {
        List<IPAddress> addresses = [];
        List<string> names = [];
        foreach (string line in Encoding.UTF8.GetString(file).Split('\n'))
        {
            if (line.StartsWith(NameWord, StringComparison.Ordinal) && names.Count < MaxNames)
                names.Add(line[NameWord.Length..]);
            else if (line.StartsWith(AddressWord, StringComparison.Ordinal) && addresses.Count < MaxAddresses && IPAddress.TryParse(line.AsSpan(AddressWord.Length), out IPAddress? address))
                addresses.Add(address);
        }
        return new NamesRecord { Addresses = addresses, Names = names };
    }

    /// <summary>Refuses what would be several lines, or no name.</summary>
    /// <exception cref="ContainerException">InvalidArgument.</exception>
    public static void Check(string name)
    {
        bool isOdd = name.Length == 0 || Encoding.UTF8.GetByteCount(name) > MaxNameLength;
        foreach (char c in name)
            isOdd |= char.IsControl(c) || char.IsWhiteSpace(c);
        if (isOdd)
            throw Invalid($"invalid name '{string.Concat(name.Select(c => char.IsControl(c) ? '?' : c))}' in a network: want 1 to {MaxNameLength} bytes without blanks");
    }

    private static bool Same(string one, string other) => string.Equals(one, other, StringComparison.OrdinalIgnoreCase);

    private static ContainerException Invalid(string message) => new(ContainerErrorKind.InvalidArgument, message);
}

using System.Text.RegularExpressions;
using Rundlet.Linux;

namespace Rundlet.Torture.Chaos;

/// <summary>What networks leave in the kernel and on disk, against what the engine tells of them.</summary>
internal static partial class NetworkTraces
{
    private const string Prefix = "br-";
    private const int IdInName = 12;

    /// <summary>What contradicts it.</summary>
    /// <param name="folder">Where networks keep their state.</param>
    /// <param name="networks">The networks: ids by names.</param>
    /// <param name="told">The containers.</param>
    /// <param name="table">The firewall's table, as nft(8) prints it.</param>
    public static IEnumerable<string> Contradictions(string folder, Dictionary<string, string> networks, List<Told> told, string table)
    {
        HashSet<string> bridges = [.. networks.Values.Select(id => Prefix + id[..IdInName])];
        HashSet<string> links = [.. File.ReadLines("/proc/self/net/dev").Select(line => line.Trim().Split(':')[0]).Where(name => name.StartsWith(Prefix, StringComparison.Ordinal))];
        foreach (string bridge in links.Except(bridges))
            yield return $"bridge {bridge} of no network";
        foreach (string bridge in bridges.Except(links))
            yield return $"a network without its bridge {bridge}";
        foreach (string bridge in BridgeName().Matches(table).Select(match => match.Value).Distinct().Except(bridges))
            yield return $"the firewall knows bridge {bridge} of no network";
        foreach (string network in Directory.Exists(folder) ? FolderList.FoldersIn(folder) : [])
        {
            if (network != "bridge" && !networks.ContainsValue(network))
                yield return $"a run folder of no network: {network}";
            HashSet<string> on = [.. told.Where(container => container.Lives && container.Networks.Any(name => network == (name == "bridge" ? name : networks.GetValueOrDefault(name)))).Select(container => container.Id)];
            foreach (string id in FilesIn($"{folder}/{network}/names").Where(id => !on.Contains(id)))
                yield return $"names of {id[..IdInName]}, which is not on network {network}";
            foreach (string address in FilesIn($"{folder}/{network}/addresses").Where(address => !on.Contains(OwnerOf($"{folder}/{network}/addresses/{address}"))))
                yield return $"address {address} of {OwnerOf($"{folder}/{network}/addresses/{address}")}, which is not on network {network}";
        }
    }

    private static IEnumerable<string> FilesIn(string folder) =>
        Directory.Exists(folder) ? Directory.EnumerateFileSystemEntries(folder).Select(path => Path.GetFileName(path)).Where(name => name[0] != '.') : [];

    private static string OwnerOf(string link) => new FileInfo(link).LinkTarget ?? "";

    [GeneratedRegex("br-[0-9a-f]{12}")]
    private static partial Regex BridgeName();
}

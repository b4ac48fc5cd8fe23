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
            HashSet<string?> owners = [.. FilesIn($"{folder}/{network}/addresses").Select(address => OwnerOf($"{folder}/{network}/addresses/{address}"))];
            foreach (string id in on.Where(id => !owners.Contains(id)))
                yield return $"no address of {id[..IdInName]}, which is on network {network}";
            foreach (string id in FilesIn($"{folder}/{network}/names").Where(id => !on.Contains(id)))
                yield return $"names of {id[..IdInName]}, which is not on network {network}";
            foreach (string address in FilesIn($"{folder}/{network}/addresses").Where(address => !on.Contains(OwnerOf($"{folder}/{network}/addresses/{address}"))))
                yield return $"address {address} of {OwnerOf($"{folder}/{network}/addresses/{address}")}, which is not on network {network}";
        }
    }

    /// <summary>Network namespaces other than ours that a process is in or keeps open: without either there is none.</summary>
    public static HashSet<string> Namespaces()
    {
        string? own = new FileInfo("/proc/self/ns/net").LinkTarget;
        HashSet<string> found = [];
        foreach (string process in FolderList.FoldersIn("/proc").Where(static name => char.IsAsciiDigit(name[0])))
        {
            string[] links = [$"/proc/{process}/ns/net", .. EntriesOf($"/proc/{process}/fd")];
            found.UnionWith(links.Select(static path => new FileInfo(path).LinkTarget).OfType<string>().Where(link => link.StartsWith("net:[", StringComparison.Ordinal) && link != own));
        }
        return found;
    }

    private static string[] EntriesOf(string folder)
    {
        try
        {
            return Directory.GetFileSystemEntries(folder);
        }
        catch (IOException)
        {
            return []; // the process has ended
        }
    }

    private static IEnumerable<string> FilesIn(string folder) =>
        Directory.Exists(folder) ? Directory.EnumerateFileSystemEntries(folder).Select(path => Path.GetFileName(path)).Where(name => name[0] != '.') : [];

    private static string OwnerOf(string link) => new FileInfo(link).LinkTarget ?? "";

    [GeneratedRegex("br-[0-9a-f]{12}")]
    private static partial Regex BridgeName();
}

using System.Text;
using Rundlet.Linux;
using Rundlet.Syscalls;

namespace Rundlet.Dns.Names;

/// <summary>What the host may know: the names of all networks. It asks nobody else, for nobody asks it about other names.</summary>
/// <param name="networksFolder">Where each network has its folder.</param>
/// <param name="nameOf">The name of a network by the name of its folder; null where it has none any more.</param>
/// <param name="runs">Whether a container runs, by its id.</param>
internal sealed class HostNames(string networksFolder, Func<string, string?> nameOf, Predicate<string> runs) : INameSource
{
    private readonly byte[] _path = Encoding.UTF8.GetBytes(networksFolder);
    private List<NetworkZone> _zones = [];
    private FileStamp _stamp;
    private bool _isFresh;

    /// <inheritdoc/>
    public int Generation => 0;

    /// <inheritdoc/>
    public IReadOnlyList<NetworkZone> Zones => _zones;

    /// <inheritdoc/>
    public IReadOnlyList<NameServer> Servers => [];

    /// <inheritdoc/>
    public bool IsAll => true;

    /// <inheritdoc/>
    public bool ForwardsSingleLabels => false;

    /// <inheritdoc/>
    public void Refresh()
    {
        FileStamp stamp = FileStamp.Of(Sys.AT_FDCWD, _path);
        if (stamp != _stamp || _isFresh)
        {
            bool fresh = stamp.IsFresh;
            List<NetworkZone> zones = [];
            foreach (string folder in FolderList.FoldersIn(networksFolder).Order(StringComparer.Ordinal))
            {
                string path = $"{networksFolder}/{folder}";
                if (nameOf(folder) is { } name)
                    zones.Add(_zones.Find(zone => zone.Folder == path) ?? new NetworkZone(name, path, runs));
            }
            (_zones, _stamp, _isFresh) = (zones, stamp, fresh);
        }
        foreach (NetworkZone zone in _zones)
            zone.Refresh();
    }
}

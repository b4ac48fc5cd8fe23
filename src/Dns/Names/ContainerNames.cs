using System.Net;
using System.Text;
using Rundlet.Linux;
using Rundlet.Syscalls;

namespace Rundlet.Dns.Names;

/// <summary>What one container may know: the names of its networks, and its servers, as <see cref="ResolverConfig"/> says.</summary>
internal sealed class ContainerNames : INameSource
{
    private const int Port = 53;
    private static readonly IPAddress s_own = new([127, 0, 0, 11]);

    private readonly string _runFolder;
    private readonly byte[] _path;
    private readonly Predicate<string> _runs;
    private readonly HostServers _host;
    private List<NetworkZone> _zones = [];
    private FileStamp _stamp;
    private bool _isFresh;
    private ResolverConfig _config = new();

    /// <summary>Reads nothing yet.</summary>
    /// <param name="runFolder">The container's run folder.</param>
    /// <param name="runs">Whether a container runs, by its id.</param>
    /// <param name="hostFile">The host's resolv.conf.</param>
    public ContainerNames(string runFolder, Predicate<string> runs, string hostFile = HostServers.Path)
    {
        _runFolder = runFolder;
        _path = Encoding.UTF8.GetBytes($"{runFolder}/{ResolverConfig.FileName}");
        _runs = runs;
        _host = new HostServers(hostFile);
    }

    /// <inheritdoc/>
    public int Generation { get; private set; }

    /// <inheritdoc/>
    public IReadOnlyList<NetworkZone> Zones => _zones;

    /// <inheritdoc/>
    public IReadOnlyList<NameServer> Servers { get; private set; } = [];

    /// <inheritdoc/>
    public bool IsAll => false;

    /// <inheritdoc/>
    public bool ForwardsSingleLabels => !_config.OnlyDotted;

    /// <inheritdoc/>
    public void Refresh()
    {
        FileStamp stamp = FileStamp.Of(Sys.AT_FDCWD, _path);
        bool isNew = stamp != _stamp || _isFresh;
        if (isNew)
        {
            bool fresh = stamp.IsFresh;
            Take(ResolverConfig.TryRead(_runFolder) ?? new ResolverConfig());
            (_stamp, _isFresh) = (stamp, fresh);
        }
        if (_config.Servers.Count == 0 && (_host.Refresh() || isNew))
            SetServers(_host.Servers);
        foreach (NetworkZone zone in _zones)
            zone.Refresh();
    }

    private void Take(ResolverConfig config)
    {
        _config = config;
        List<NetworkZone> zones = [];
        foreach ((string name, string folder) in config.Networks)
            zones.Add(_zones.Find(zone => zone.Folder == folder && zone.IsCalled(name)) ?? new NetworkZone(name, folder, _runs));
        _zones = zones;
        if (config.Servers.Count == 0)
            return;
        List<NameServer> servers = [];
        foreach (IPAddress server in config.Servers)
            servers.Add(new NameServer(new IPEndPoint(server, Port), FromHost: false));
        SetServers(servers);
    }

    // One that is asked from inside at our own address would be we.
    private void SetServers(IReadOnlyList<NameServer> servers)
    {
        List<NameServer> usable = [];
        foreach (NameServer server in servers)
        {
            if (server.FromHost ? !_config.IsInternal : !server.EndPoint.Address.Equals(s_own))
                usable.Add(server);
        }
        if (HostServers.Same(usable, Servers))
            return;
        Servers = usable;
        Generation++;
    }
}

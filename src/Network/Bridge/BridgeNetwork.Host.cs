using System.Text;
using Rundlet.Linux;
using Rundlet.Linux.Netlink;
using Rundlet.Linux.Netlink.Route;
using Rundlet.Network.Addresses;
using Rundlet.Syscalls;

namespace Rundlet.Network.Bridge;

public sealed partial class BridgeNetwork
{
    private const string SubnetFile = "subnet";
    private const string AddressesFolder = "addresses";
    private const string LockFile = "lock";
    private const uint FileMode = 0x180; // 0600
    private const uint FolderMode = 0x1C0; // 0700

    /// <summary>
    /// Sees to it that the host's side is there: bridge with its address, up, forwarding, firewall. Whatever somebody
    /// removed since comes back. Two processes may do it at once.
    /// </summary>
    /// <exception cref="ContainerException">Unavailable: no free subnet. Conflict: the bridge's name is taken.</exception>
    /// <exception cref="LinuxException">The kernel refused.</exception>
    public BridgeLink EnsureBridge()
    {
        // A bridge whose state folder was removed gets a new one.
        BridgeLink bridge = (TryReadSubnet() is null ? null : TryGetBridge()) ?? MakeBridge();
        NetworkSysctl.EnableForwarding();
        NetworkSysctl.RouteLoopback(_options.Interface);
        _firewall.Ensure(_options.Interface);
        return bridge;
    }

    /// <summary>Removes the host's side: bridge, reservations, and the bridge's entries in the firewall.</summary>
    /// <exception cref="ContainerException">What could not be removed; everything else was.</exception>
    public void Remove()
    {
        Teardown teardown = new($"remove network '{_options.Name}'");
        teardown.Step(() => _firewall.Forget(_options.Interface));
        teardown.Step(() => _host.DeleteLink(_options.Interface));
        teardown.Step(() =>
        {
            if (Directory.Exists(_options.StateFolder))
                Directory.Delete(_options.StateFolder, recursive: true);
        });
        teardown.ThrowIfFailed();
    }

    private BridgeLink? TryGetBridge()
    {
        if (_host.TryGetLink(_options.Interface) is not { IsUp: true } link)
            return null;
        CheckKind(link);
        foreach (InterfaceAddress address in _host.ListAddresses(AF.INET, link.Index))
        {
            if (Subnet.TryAround(address.Address, address.PrefixLength) is { } subnet && IsWanted(subnet))
                return new BridgeLink(link.Index, subnet, address.Address);
        }
        return null;
    }

    private BridgeLink MakeBridge()
    {
        using OwnedFd folder = OpenStateFolder();
        using OwnedFd @lock = FileIo.Open(folder.Value, LockFile, O.RDWR | O.CREAT, FileMode);
        int answer;
        do
            answer = Sys.flock(@lock.Value, LOCK.EX);
        while (Sys.Is(answer, Errno.EINTR));
        LinuxException.ThrowIfError(answer, "flock", LockFile);
        if (TryGetBridge() is { } made)
        {
            // by whoever had the lock before us, or long ago
            WriteSubnet(folder, made.Subnet);
            return made;
        }

        Subnet subnet = _options.Subnet ?? TryReadSubnet() ?? SubnetChooser.Choose(_host);
        if (_host.TryGetLink(_options.Interface) is not { } link)
        {
            _host.AddBridge(_options.Interface, MacAddress.Of(subnet.Gateway), _options.Mtu);
            link = _host.TryGetLink(_options.Interface) ?? throw new LinuxException(Errno.ENODEV, "get link", _options.Interface);
        }
        CheckKind(link);
        NetworkSysctl.DisableIpv6(_options.Interface);
        WriteSubnet(folder, subnet);
        NetlinkBatch batch = new();
        RouteSocket.SetUp(batch, link.Index, link.Name);
        // A bridge that was only set down still has its address.
        if (!_host.ListAddresses(AF.INET, link.Index).Exists(address => address.Address.Equals(subnet.Gateway)))
            RouteSocket.AddAddress(batch, link.Index, subnet.Gateway, subnet.PrefixLength);
        _host.Execute(batch);
        return new BridgeLink(link.Index, subnet, subnet.Gateway);
    }

    private bool IsWanted(Subnet subnet) => _options.Subnet is not { } wanted || wanted == subnet;

    private static void CheckKind(Link link)
    {
        if (link.Kind != "bridge")
            throw new ContainerException(ContainerErrorKind.Conflict, $"interface '{link.Name}' is there already and is no bridge");
    }

    private OwnedFd OpenStateFolder()
    {
        if (Path.GetDirectoryName(_options.StateFolder) is { Length: > 0 } parent)
            Directory.CreateDirectory(parent);
        int made = Sys.mkdirat(Sys.AT_FDCWD, _options.StateFolder, FolderMode);
        if (!Sys.Is(made, Errno.EEXIST))
            LinuxException.ThrowIfError(made, "mkdir", _options.StateFolder);
        return FileIo.Open(Sys.AT_FDCWD, _options.StateFolder, O.RDONLY | O.DIRECTORY);
    }

    private Subnet? TryReadSubnet() =>
        FileIo.TryReadText(Path.Combine(_options.StateFolder, SubnetFile)) is { } text ? Subnet.Parse(text) : null;

    private static void WriteSubnet(OwnedFd folder, Subnet subnet) =>
        FileIo.Replace(folder.Value, SubnetFile, Encoding.ASCII.GetBytes(subnet.ToString()), FileMode, durable: false);

    private AddressPool OpenPool(Subnet subnet) => AddressPool.Open(Path.Combine(_options.StateFolder, AddressesFolder), subnet);
}

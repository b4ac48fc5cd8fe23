using System.Text;
using Rundlet.Linux;
using Rundlet.Linux.Netlink.Route;
using Rundlet.Network.Addresses;
using Rundlet.Syscalls;

namespace Rundlet.Network;

/// <summary>
/// What is kept of one network as long as the machine runs, in a folder on a tmpfs:
/// <code>
/// FOLDER/subnet       its subnets, one a line
/// FOLDER/link         the interface of the host that was made for it, written before it is made
/// FOLDER/lock         held while the network's host side is made
/// FOLDER/addresses/   see AddressPool
/// </code>
/// </summary>
internal sealed class NetworkState(string folder)
{
    private const string SubnetFile = "subnet";
    private const string LinkFile = "link";
    private const string AddressesFolder = "addresses";
    private const string LockFile = "lock";
    private const uint FileMode = 0x180; // 0600
    private const uint FolderMode = 0x1C0; // 0700

    /// <summary>Where.</summary>
    public string Folder { get; } = folder;

    /// <summary>The network's subnets; null when it was not used since the last reboot.</summary>
    /// <exception cref="LinuxException">It cannot be read.</exception>
    public IReadOnlyList<Subnet>? TryReadSubnets() => FileIo.TryReadText(Path.Combine(Folder, SubnetFile)) is { } text
        ? Array.ConvertAll(text.Split('\n', StringSplitOptions.RemoveEmptyEntries), Subnet.Parse)
        : null;

    /// <summary>Makes the folder where it is missing and waits until nobody else holds its lock.</summary>
    /// <exception cref="LinuxException">The kernel refused.</exception>
    public OwnedFd Lock()
    {
        using OwnedFd folder = Open();
        OwnedFd @lock = FileIo.Open(folder.Value, LockFile, O.RDWR | O.CREAT, FileMode);
        int answer;
        do
            answer = Sys.flock(@lock.Value, LOCK.EX);
        while (Sys.Is(answer, Errno.EINTR));
        if (answer < 0)
            @lock.Dispose();
        LinuxException.ThrowIfError(answer, "flock", LockFile);
        return @lock;
    }

    /// <summary>Writes the network's subnets. The caller holds the lock.</summary>
    /// <exception cref="LinuxException">The kernel refused.</exception>
    public void WriteSubnets(IEnumerable<Subnet> subnets)
    {
        using OwnedFd folder = Open();
        string text = string.Concat(subnets.Select(static subnet => $"{subnet}\n"));
        FileIo.Replace(folder.Value, SubnetFile, Encoding.ASCII.GetBytes(text), FileMode, durable: false);
    }

    /// <summary>
    /// Makes an interface of the host that is not there. Who finds it later knows that it is this network's, although whoever made it was
    /// killed before it got its alias: the kernel takes none when a link is made.
    /// </summary>
    /// <param name="name">What it is called.</param>
    /// <param name="make">Makes it, and gives it the alias.</param>
    /// <exception cref="LinuxException">The kernel refused.</exception>
    public void MakeLink(string name, Action make)
    {
        using OwnedFd folder = Open();
        FileIo.Replace(folder.Value, LinkFile, Encoding.UTF8.GetBytes(name), FileMode, durable: false);
        try
        {
            make();
        }
        catch
        {
            _ = Sys.unlinkat(folder.Value, LinkFile, 0); // ignored: the first error is the one to tell
            throw;
        }
    }

    /// <summary>Whether an interface is one that <see cref="MakeLink"/> made.</summary>
    /// <param name="link">The interface.</param>
    /// <param name="alias">The alias of those of this network.</param>
    /// <exception cref="LinuxException">It cannot be read.</exception>
    public bool HasMade(Link link, string alias) =>
        link.Alias == alias || (link.Alias.Length == 0 && FileIo.TryReadText(Path.Combine(Folder, LinkFile)) == link.Name);

    /// <summary>The addresses; the folder must be there.</summary>
    /// <exception cref="LinuxException">The kernel refused.</exception>
    public AddressPool OpenPool() => AddressPool.Open(Path.Combine(Folder, AddressesFolder));

    /// <summary>The addresses; null where none was ever given out.</summary>
    /// <exception cref="LinuxException">The kernel refused.</exception>
    public AddressPool? TryOpenPool() => AddressPool.TryOpen(Path.Combine(Folder, AddressesFolder));

    /// <summary>Removes everything.</summary>
    public void Remove()
    {
        if (Directory.Exists(Folder))
            Directory.Delete(Folder, recursive: true);
    }

    private OwnedFd Open()
    {
        if (Path.GetDirectoryName(Folder) is { Length: > 0 } parent)
            Directory.CreateDirectory(parent);
        int made = Sys.mkdirat(Sys.AT_FDCWD, Folder, FolderMode);
        if (!Sys.Is(made, Errno.EEXIST))
            LinuxException.ThrowIfError(made, "mkdir", Folder);
        return FileIo.Open(Sys.AT_FDCWD, Folder, O.RDONLY | O.DIRECTORY);
    }
}

using System.Text;
using Rundlet.Linux;
using Rundlet.Network.Addresses;
using Rundlet.Syscalls;

namespace Rundlet.Network;

/// <summary>
/// What is kept of one network as long as the machine runs, in a folder on a tmpfs:
/// <code>
/// FOLDER/subnet       its subnets, one a line
/// FOLDER/lock         held while the network's host side is made
/// FOLDER/addresses/   see AddressPool
/// </code>
/// </summary>
internal sealed class NetworkState(string folder)
{
    private const string SubnetFile = "subnet";
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

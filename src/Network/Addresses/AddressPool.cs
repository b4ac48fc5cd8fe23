using System.Net;
using System.Text;
using Rundlet.Linux;
using Rundlet.Syscalls;

namespace Rundlet.Network.Addresses;

/// <summary>
/// The addresses of one network, and who has them. A reservation is a symbolic link from the address to the container's
/// id: it appears whole or not at all and cannot appear twice, so neither two processes at once nor a crash can hand an
/// address out twice. The folder belongs on a tmpfs, for after a reboot no container has an address.
/// </summary>
/// <remarks>
/// <code>
/// FOLDER/172.30.0.2 -> CONTAINER ID
/// FOLDER/fd00:1::2  -> CONTAINER ID
/// FOLDER/.last      -> 172.30.0.2       where the next search begins: an address rests before it is used again
/// FOLDER/.last6     -> fd00:1::2
/// </code>
/// Not in the engine's database: an address is of the running system as the interface is that carries it, so it must go with a
/// reboot, and two engines that see other databases but the same /run must not both hand it out. Changes are made under an flock(2) of the folder, so that "whose is it" and "remove it" are one step.
/// </remarks>
public sealed class AddressPool : IDisposable
{
    private const int MaxSteps = 1 << 20; // of a search; a subnet of IPv6 has no end
    private const uint FolderMode = 0x1C0; // 0700
    private const int MaxTarget = 512; // bytes

    private readonly OwnedFd _folder;
    private readonly string _path;

    private AddressPool(OwnedFd folder, string path) => (_folder, _path) = (folder, path);

    /// <summary>Opens the pool; the folder is made if it is missing (its parent is not).</summary>
    /// <exception cref="LinuxException">The kernel refused.</exception>
    public static AddressPool Open(string folder)
    {
        int made = Sys.mkdirat(Sys.AT_FDCWD, folder, FolderMode);
        if (!Sys.Is(made, Errno.EEXIST))
            LinuxException.ThrowIfError(made, "mkdir", folder);
        return new AddressPool(FileIo.Open(Sys.AT_FDCWD, folder, O.RDONLY | O.DIRECTORY), folder);
    }

    /// <summary>Opens the pool where there is one.</summary>
    /// <exception cref="LinuxException">The kernel refused.</exception>
    public static AddressPool? TryOpen(string folder)
    {
        int answer = Sys.openat(Sys.AT_FDCWD, folder, O.RDONLY | O.DIRECTORY);
        return Sys.Is(answer, Errno.ENOENT) ? null : new AddressPool(OwnedFd.FromAnswer(answer, "open", folder), folder);
    }

    /// <inheritdoc/>
    public void Dispose() => _folder.Dispose();

    /// <summary>Reserves the next free address of a subnet for a container.</summary>
    /// <exception cref="ContainerException">Unavailable: all are taken.</exception>
    /// <exception cref="LinuxException">The kernel refused.</exception>
    public IPAddress Reserve(SubnetDefinition subnet, string containerId)
    {
        using OwnedFd @lock = Lock();
        Subnet range = subnet.Range ?? subnet.Subnet;
        string last = LastOf(range);
        UInt128 first = TryReadLink(last) is { } text && IPAddress.TryParse(text, out IPAddress? previous) && range.Contains(previous)
            ? range.PlaceOf(previous) + 1
            : 0;
        int steps = (int)UInt128.Min(range.Size, MaxSteps);
        int usable = 0;
        for (int step = 0; step < steps; step++)
        {
            IPAddress address = range.At((first + (uint)step) % range.Size);
            if (!subnet.IsForContainers(address))
                continue;
            usable++;
            if (TryLink(address, containerId))
            {
                Remember(last, address);
                return address;
            }
        }
        throw new ContainerException(ContainerErrorKind.Unavailable, $"no free address in subnet '{range}': all {usable} are taken");
    }

    /// <summary>Reserves that address of a subnet for a container.</summary>
    /// <exception cref="ContainerException">InvalidArgument: no container can have it there; Conflict: it is taken.</exception>
    /// <exception cref="LinuxException">The kernel refused.</exception>
    public void Reserve(SubnetDefinition subnet, IPAddress address, string containerId)
    {
        if (!subnet.Subnet.Contains(address))
            throw new ContainerException(ContainerErrorKind.InvalidArgument, $"a container cannot have address '{address}' in subnet '{subnet.Subnet}'");
        if (!subnet.IsForContainers(address))
        {
            string reason = address.Equals(subnet.EffectiveGateway) ? "it is the gateway's" : subnet.Reserved.Contains(address) ? "it is reserved" : "it is the subnet's own";
            throw new ContainerException(ContainerErrorKind.InvalidArgument, $"a container cannot have address '{address}' in subnet '{subnet.Subnet}': {reason}");
        }
        using OwnedFd @lock = Lock();
        if (!TryLink(address, containerId))
            throw new ContainerException(ContainerErrorKind.Conflict, $"address '{address}' is taken by container '{TryReadLink(address.ToString())}'");
    }

    /// <summary>Frees the addresses of a container.</summary>
    /// <returns>Which; empty when it had none.</returns>
    /// <exception cref="LinuxException">The kernel refused.</exception>
    public IReadOnlyList<IPAddress> Release(string containerId) => ReleaseWhere(owner => owner == containerId);

    /// <summary>Frees the addresses of containers that do not live.</summary>
    /// <param name="isLive">Whether a container lives; asked after its reservation was seen.</param>
    /// <returns>Which.</returns>
    /// <exception cref="LinuxException">The kernel refused.</exception>
    public IReadOnlyList<IPAddress> Reconcile(Predicate<string> isLive) => ReleaseWhere(owner => !isLive(owner));

    /// <summary>Every reserved address and its container.</summary>
    /// <exception cref="LinuxException">The kernel refused.</exception>
    public IReadOnlyList<(IPAddress Address, string ContainerId)> List()
    {
        List<(IPAddress, string)> found = [];
        foreach (string path in Directory.EnumerateFileSystemEntries(_path))
        {
            string name = Path.GetFileName(path);
            // A link may go between the listing and the reading: then it is no reservation any more.
            if (IPAddress.TryParse(name, out IPAddress? address) && TryReadLink(name) is { } owner)
                found.Add((address, owner));
        }
        return found;
    }

    private List<IPAddress> ReleaseWhere(Predicate<string> isUnwanted)
    {
        using OwnedFd @lock = Lock();
        List<IPAddress> released = [];
        foreach ((IPAddress address, string owner) in List())
        {
            if (!isUnwanted(owner))
                continue;
            LinuxException.ThrowIfError(Sys.unlinkat(_folder.Value, address.ToString(), 0), "unlink reservation of", address.ToString());
            released.Add(address);
        }
        return released;
    }

    // The lock is the open file's, so each use opens the folder anew: threads exclude each other as well as processes.
    private OwnedFd Lock()
    {
        OwnedFd fd = FileIo.Open(_folder.Value, ".", O.RDONLY | O.DIRECTORY);
        int answer;
        do
            answer = Sys.flock(fd.Value, LOCK.EX);
        while (Sys.Is(answer, Errno.EINTR));
        if (answer < 0)
            fd.Dispose();
        LinuxException.ThrowIfError(answer, "flock", _path);
        return fd;
    }

    private bool TryLink(IPAddress address, string containerId)
    {
        int answer = Sys.symlinkat(containerId, _folder.Value, address.ToString());
        if (Sys.Is(answer, Errno.EEXIST))
            return false;
        LinuxException.ThrowIfError(answer, "reserve address", address.ToString());
        return true;
    }

    private static string LastOf(Subnet subnet) => subnet.IsIpv6 ? ".last6" : ".last";

    private void Remember(string last, IPAddress address)
    {
        int answer = Sys.unlinkat(_folder.Value, last, 0);
        if (!Sys.Is(answer, Errno.ENOENT))
            LinuxException.ThrowIfError(answer, "unlink", last);
        LinuxException.ThrowIfError(Sys.symlinkat(address.ToString(), _folder.Value, last), "symlink", last);
    }

    private string? TryReadLink(string name)
    {
        Span<byte> target = stackalloc byte[MaxTarget];
        int length = Sys.readlinkat(_folder.Value, name, target);
        if (Sys.Is(length, Errno.ENOENT) || Sys.Is(length, Errno.EINVAL))
            return null; // gone, or no link and so none of ours
        LinuxException.ThrowIfError(length, "readlink", name);
        return Encoding.UTF8.GetString(target[..length]);
    }
}

using Rundlet.Linux;
using Rundlet.Syscalls;

namespace Rundlet.Dns.Names;

// What belongs in this folder: the files from which resolvers know names, their writers and their readers.

/// <summary>
/// Which container has which names in a network: <c>NETWORK_FOLDER/names/CONTAINER_ID</c>, on a tmpfs beside the network's other state.
/// A file appears whole or not at all. Written when a container is attached, removed when it is detached; resolvers see the change with the
/// next question. Who is listed and does not run is not answered for, so that what a crash leaves harms nobody.
/// </summary>
public static class NetworkNames
{
    /// <summary>The folder's name in a network's folder.</summary>
    public const string FolderName = "names";

    private const uint FolderMode = 0x1C0; // 0700
    private const uint FileMode = 0x180; // 0600

    /// <summary>Writes a container's names, in the place of those that it had.</summary>
    /// <param name="networkFolder">Absolute path of the network's folder, which exists.</param>
    /// <param name="containerId">The container's full id.</param>
    /// <param name="record">Its names and addresses there.</param>
    /// <exception cref="ContainerException">InvalidArgument: a name cannot be one.</exception>
    /// <exception cref="LinuxException">The kernel refused.</exception>
    public static void Write(string networkFolder, string containerId, NamesRecord record)
    {
        byte[] bytes = record.ToBytes();
        CheckId(containerId);
        int made = Sys.mkdirat(Sys.AT_FDCWD, PathOf(networkFolder), FolderMode);
        if (!Sys.Is(made, Errno.EEXIST))
            LinuxException.ThrowIfError(made, "mkdir", PathOf(networkFolder));
        using OwnedFd folder = FileIo.Open(Sys.AT_FDCWD, PathOf(networkFolder), O.RDONLY | O.DIRECTORY);
        FileIo.Replace(folder.Value, containerId, bytes, FileMode, durable: false);
    }

    /// <summary>Removes a container's names; does nothing where there are none.</summary>
    /// <exception cref="LinuxException">The kernel refused.</exception>
    public static void Remove(string networkFolder, string containerId)
    {
        CheckId(containerId);
        int answer = Sys.unlinkat(Sys.AT_FDCWD, $"{PathOf(networkFolder)}/{containerId}", 0);
        if (!Sys.Is(answer, Errno.ENOENT) && !Sys.Is(answer, Errno.ENOTDIR))
            LinuxException.ThrowIfError(answer, "unlink", $"{PathOf(networkFolder)}/{containerId}");
    }

    /// <summary>Gives a container another name in the place of one; its aliases stay. Does nothing where it has no names.</summary>
    /// <exception cref="ContainerException">InvalidArgument: the new name cannot be one.</exception>
    /// <exception cref="LinuxException">The kernel refused.</exception>
    public static void Rename(string networkFolder, string containerId, string from, string to)
    {
        if (TryRead(networkFolder, containerId) is { } record)
            Write(networkFolder, containerId, record.Renamed(from, to));
    }

    /// <summary>A container's names; null where there are none.</summary>
    /// <exception cref="LinuxException">The kernel refused.</exception>
    public static NamesRecord? TryRead(string networkFolder, string containerId)
    {
        CheckId(containerId);
        return FileIo.TryReadText($"{PathOf(networkFolder)}/{containerId}", NamesRecord.MaxFile) is { } text
            ? NamesRecord.Read(System.Text.Encoding.UTF8.GetBytes(text))
            : null;
    }

    /// <summary>The containers with names in a network, in no order; none where the folder does not exist.</summary>
    /// <exception cref="LinuxException">The kernel refused.</exception>
    public static IReadOnlyList<string> List(string networkFolder)
    {
        int fd = Sys.openat(Sys.AT_FDCWD, PathOf(networkFolder), O.RDONLY | O.DIRECTORY);
        if (Sys.Is(fd, Errno.ENOENT))
            return [];
        using OwnedFd folder = OwnedFd.FromAnswer(fd, "open", PathOf(networkFolder));
        return [.. FolderList.Of(folder.Value, networkFolder).Where(static name => name[0] != '.')];
    }

    internal static string PathOf(string networkFolder) => $"{networkFolder}/{FolderName}";

    private static void CheckId(string containerId)
    {
        if (containerId.Length is 0 or > 255 || containerId[0] == '.' || containerId.Contains('/'))
            throw new ContainerException(ContainerErrorKind.InvalidArgument, $"invalid container id '{containerId}'");
    }
}

using Rundlet.Engine.Images;
using Rundlet.Engine.Options;
using Rundlet.Engine.State;
using Rundlet.Images.Users;
using Rundlet.Linux;
using Rundlet.Syscalls;

namespace Rundlet.Engine.Operations;

/// <summary>The ids of a container that has a user namespace of its own, or another container's.</summary>
internal static class ContainerIds
{
    /// <summary>Reserves them; they are freed with the container's row.</summary>
    /// <returns>Null where the container has the host's.</returns>
    /// <exception cref="ContainerException">Unavailable: none are left; Unsupported: its files would have to be copied for it.</exception>
    public static IdRange? Reserve(ContainerEngine engine, ContainerRecord record, NamespaceOptions options, StorageDriver storage)
    {
        if (!options.HasUsers)
            return null;
        if (storage == StorageDriver.Copy)
            throw new ContainerException(ContainerErrorKind.Unsupported, "a user namespace of the container's own needs overlayfs") { Hint = "leave --userns away, or use the storage driver 'overlay'" };
        if (options.AutoIds is { } size)
            return engine.IdRanges.Reserve(record.Id, size, SubordinateIds.Read());
        IdRange? other = engine.IdRanges.Of(NamespaceOptions.ContainerOf(options.User)!);
        if (other is { } range)
            engine.IdRanges.Share(record.Id, range);
        return other;
    }

    /// <summary>Gives the writable layer to the container's own users: the kernel maps the ids of the layers below alone.</summary>
    /// <param name="upper">Absolute path of the upper folder.</param>
    /// <param name="ids">The container's ids.</param>
    /// <exception cref="LinuxException">The kernel refused.</exception>
    public static void TakeOver(string upper, IdRange ids)
    {
        using OwnedFd folder = FileIo.Open(Sys.AT_FDCWD, upper, O.PATH | O.DIRECTORY | O.NOFOLLOW);
        LinuxException.ThrowIfError(Sys.statx(folder.Value, "", AT.EMPTY_PATH, STATX.BASIC_STATS, out statx_t stat), "stat", upper);
        LinuxException.ThrowIfError(Sys.fchownat(folder.Value, "", ids.ToHost(stat.stx_uid), ids.ToHost(stat.stx_gid), AT.EMPTY_PATH), "change owner", upper);
    }
}

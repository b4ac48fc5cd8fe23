using Rundlet.Linux;
using Rundlet.Oci;
using Rundlet.Syscalls;

namespace Rundlet.Engine.Specs;

/// <summary>A device node of the host.</summary>
/// <param name="IsBlock">Block or character.</param>
/// <param name="Major">Major number.</param>
/// <param name="Minor">Minor number.</param>
/// <param name="Mode">Permission bits.</param>
/// <param name="Uid">Owner.</param>
/// <param name="Gid">Group.</param>
internal sealed record HostDevice(bool IsBlock, long Major, long Minor, uint Mode, uint Uid, uint Gid)
{
    private const uint PermissionBits = 0xFFF;

    /// <summary>The specification's letter for its sort.</summary>
    public string Type => IsBlock ? "b" : "c";

    /// <summary>The node at a path; null where there is something else. Links are followed: they are the host's.</summary>
    /// <exception cref="ContainerException">NotFound.</exception>
    public static HostDevice? TryFind(string path)
    {
        int answer = Sys.statx(Sys.AT_FDCWD, path, 0, STATX.BASIC_STATS, out statx_t node);
        if (Sys.Is(answer, Errno.ENOENT) || Sys.Is(answer, Errno.ENOTDIR))
            throw new ContainerException(ContainerErrorKind.NotFound, $"device '{path}': no such file on this machine");
        LinuxException.ThrowIfError(answer, "stat", path);
        return TryRead(node);
    }

    /// <summary>A node that was looked at; null where it is something else.</summary>
    public static HostDevice? TryRead(in statx_t node) =>
        (node.stx_mode & S.IFMT) is S.IFCHR or S.IFBLK
            ? new HostDevice((node.stx_mode & S.IFMT) == S.IFBLK, node.stx_rdev_major, node.stx_rdev_minor, node.stx_mode & PermissionBits, node.stx_uid, node.stx_gid)
            : null;

    /// <summary>The block device at a path.</summary>
    /// <exception cref="ContainerException">NotFound, or InvalidArgument: it is none.</exception>
    public static HostDevice OfBlock(string path) => TryFind(path) is { IsBlock: true } device
        ? device
        : throw new ContainerException(ContainerErrorKind.InvalidArgument, $"'{path}' is no block device");

    /// <summary>The node as a container gets it.</summary>
    public Device At(string path) => new() { Path = path, Type = Type, Major = Major, Minor = Minor, FileMode = Mode, Uid = Uid, Gid = Gid };

    /// <summary>The rule by which it may be used.</summary>
    public DeviceRule Allow(string access) => new() { Allow = true, Type = Type, Major = Major, Minor = Minor, Access = access };
}

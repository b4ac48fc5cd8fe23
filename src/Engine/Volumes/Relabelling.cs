using Rundlet.Engine.Options;
using Rundlet.Images.Snapshots;
using Rundlet.Linux;
using Rundlet.Linux.Labels;
using Rundlet.Syscalls;

namespace Rundlet.Engine.Volumes;

/// <summary>
/// <c>z</c> and <c>Z</c> of mounts: what is mounted gets the label of containers, or of this one alone. Done at each start by a command, so that
/// files which came meanwhile have it too; without effect where SELinux does not run, or its policy does not know containers.
/// </summary>
internal static class Relabelling
{
    // What the host lives from: with a container's label, the host's own programs could not use it any more.
    private static readonly string[] s_vital =
    [
        "/", "/bin", "/boot", "/dev", "/etc", "/home", "/lib", "/lib64", "/media", "/mnt", "/opt", "/proc", "/root", "/run", "/sbin", "/srv", "/sys", "/tmp",
        "/usr", "/usr/bin", "/usr/lib", "/usr/lib64", "/usr/sbin", "/usr/share", "/var", "/var/lib", "/var/log", "/var/tmp",
        "/etc/passwd", "/etc/pki", "/etc/selinux", "/etc/shadow", "/etc/ssl",
    ];

    /// <summary>Refuses to relabel what the host lives from, by whatever path.</summary>
    /// <exception cref="ContainerException">InvalidArgument.</exception>
    public static void Check(MountOption mount)
    {
        if (mount is not { Kind: MountKind.Bind, Relabel: not null } || !SelinuxHost.IsOn)
            return;
        using OwnedFd source = FileIo.Open(Sys.AT_FDCWD, mount.Source, O.PATH);
        RequireHarmless(source.Value, mount.Source);
    }

    /// <summary>The same for a file that is open.</summary>
    /// <param name="fd">An fd of it, which may be <c>O_PATH</c>.</param>
    /// <param name="source">The path that the user wrote.</param>
    /// <inheritdoc cref="Check" path="/exception"/>
    public static void RequireHarmless(int fd, string source)
    {
        LinuxException.ThrowIfError(Sys.statx(fd, "", AT.EMPTY_PATH, STATX.INO, out statx_t own), "stat", source);
        foreach (string path in s_vital)
        {
            if (Sys.statx(Sys.AT_FDCWD, path, 0, STATX.INO, out statx_t vital) >= 0 && IdentityOf(vital) == IdentityOf(own))
            {
                throw new ContainerException(ContainerErrorKind.InvalidArgument, $"'{source}' must not be relabelled: the host itself needs '{path}' as it is labelled")
                {
                    Hint = "mount a folder beneath it, or leave z and Z away and say --security-opt label=disable",
                };
            }
        }
    }

    /// <summary>Relabels what a container's mounts ask for.</summary>
    /// <exception cref="ContainerException">InvalidArgument: the host needs it as it is; NotFound: it is gone.</exception>
    public static void Run(VolumeStore store, ContainerOptions options)
    {
        SelinuxOptions label = options.Security.Selinux;
        foreach (MountOption mount in options.Mounts)
        {
            if (mount.Relabel is null || !SelinuxHost.IsOn || label.MountLabel is not { } own || label.SharedLabel is not { } shared)
                continue;
            string wanted = mount.Relabel == MountOption.PrivateLabel ? own : shared;
            try
            {
                if (mount.Kind == MountKind.Bind)
                {
                    using OwnedFd source = FileIo.Open(Sys.AT_FDCWD, mount.Source, O.PATH);
                    RequireHarmless(source.Value, mount.Source);
                    TreeLabels.Apply(source.Value, wanted, mount.Source);
                }
                else
                {
                    using VolumeFiles files = VolumeFiles.Open(store, store.Get(mount.Source));
                    TreeLabels.Apply(files.Data.Value, wanted, mount.Source);
                }
            }
            catch (LinuxException failed)
            {
                throw new ContainerException(failed.Errno == Errno.ENOENT ? ContainerErrorKind.NotFound : ContainerErrorKind.Internal, $"relabel '{mount.Source}' for '{mount.Destination}'", failed);
            }
        }
    }

    private static (uint, uint, ulong) IdentityOf(in statx_t stat) => (stat.stx_dev_major, stat.stx_dev_minor, stat.stx_ino);
}

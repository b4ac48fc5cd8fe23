using Rundlet.Linux;
using Rundlet.Linux.Proc;
using Rundlet.Oci;
using Rundlet.Runtime.Planning;
using Rundlet.Syscalls;

namespace Rundlet.Runtime;

/// <summary>
/// The mounts of a container whose content is the host's: criu notes only their names at a dump, and at a restore the
/// spec says where they come from. The name is the destination in the spec.
/// </summary>
internal static class ExternalMounts
{
    private static readonly string[] s_devices = ["null", "zero", "full", "random", "urandom", "tty"];

    private sealed class Candidate(string destination, string source, bool device, bool recursive)
    {
        public string Destination => destination;

        public string Source => source;

        public bool Device => device; // the mount is this only where a device node stands

        public bool Recursive => recursive;
    }

    /// <summary>Adds the flags for a dump.</summary>
    /// <param name="words">The command line.</param>
    /// <param name="pid">The container's first process.</param>
    /// <param name="mounts">Its mounts.</param>
    /// <param name="spec">Its spec.</param>
    /// <param name="bundle">Its bundle.</param>
    /// <param name="cgroups">Where its cgroup mounts come from.</param>
    /// <exception cref="LinuxException">A mount cannot be looked at.</exception>
    public static void AddToDump(List<string> words, int pid, List<MountEntry> mounts, Spec spec, string bundle, CgroupMountSource cgroups)
    {
        using OwnedFd root = FileIo.Open(Sys.AT_FDCWD, $"/proc/{pid}/root", O.PATH | O.DIRECTORY);
        List<MountEntry> host = MountInfo.Read();
        HashSet<string> done = [];
        foreach (Candidate candidate in Candidates(spec, bundle, cgroups))
        {
            if (MountAt(root, candidate, mounts) is not { } mount)
                continue;
            Add(mount.Point, candidate.Destination);
            if (!candidate.Recursive)
                continue;
            foreach (string below in Below(host, candidate.Source))
            {
                if (mounts.Exists(other => other.Point == mount.Point + below))
                    Add(mount.Point + below, candidate.Destination + below);
            }
        }

        void Add(string point, string name)
        {
            if (done.Add(point))
                words.AddRange(["--external", $"mnt[{point}]:{name}"]);
        }
    }

    /// <summary>Adds the flags for a restore: for all mounts that may be in the images; criu uses those that are.</summary>
    /// <exception cref="ContainerException">A source is missing.</exception>
    public static void AddToRestore(List<string> words, Spec spec, string bundle, CgroupMountSource cgroups)
    {
        List<MountEntry> host = MountInfo.Read();
        HashSet<string> done = [];
        foreach (Candidate candidate in Candidates(spec, bundle, cgroups))
        {
            if (!candidate.Device && Sys.Is(Sys.faccessat2(Sys.AT_FDCWD, candidate.Source, 0, 0), Errno.ENOENT))
                throw new ContainerException(ContainerErrorKind.NotFound, $"mount '{candidate.Source}' on '{candidate.Destination}': no such file or directory");
            Add(candidate.Destination, candidate.Source);
            if (!candidate.Recursive)
                continue;
            foreach (string below in Below(host, candidate.Source))
                Add(candidate.Destination + below, candidate.Source + below);
        }

        void Add(string name, string source)
        {
            if (done.Add(name))
                words.AddRange(["--external", $"mnt[{name}]:{source}"]);
        }
    }

    private static List<Candidate> Candidates(Spec spec, string bundle, CgroupMountSource cgroups)
    {
        List<Candidate> all = [];
        foreach (Mount mount in spec.Mounts ?? [])
        {
            MountOptions options = MountOptions.Parse(mount.Options);
            if (options.Bind || mount.Type == "bind")
                all.Add(new(mount.Destination, Path.GetFullPath(mount.Source ?? "", bundle), false, options.BindRecursive));
            else if (mount.Type is "cgroup" or "cgroup2")
                AddCgroups(all, mount.Destination, cgroups);
        }
        // Where a node may not be made, the host's is bound; and a masked file is the null device.
        foreach (string name in s_devices)
            all.Add(new($"/dev/{name}", $"/dev/{name}", true, false));
        foreach (Device device in spec.Linux!.Devices ?? [])
            all.Add(new(device.Path, device.Path, true, false));
        foreach (string path in spec.Linux.MaskedPaths ?? [])
            all.Add(new(path, "/dev/null", true, false));
        return all;
    }

    // A mount of cgroup2 in a cgroup namespace is a file system like others to criu; the rest is bound.
    private static void AddCgroups(List<Candidate> all, string destination, CgroupMountSource cgroups)
    {
        if (cgroups is { Unified: true, OwnNamespace: true })
            return;
        foreach ((string folder, _, string hostPath) in cgroups.Hierarchies)
            all.Add(new(cgroups.Unified ? destination : $"{destination}/{folder}", hostPath, false, false));
    }

    private static MountEntry? MountAt(OwnedFd root, Candidate candidate, List<MountEntry> mounts)
    {
        int answer = Sys.openat2(root.Value, candidate.Destination, O.PATH | O.CLOEXEC, RESOLVE.IN_ROOT | RESOLVE.NO_MAGICLINKS, 0);
        if (Sys.Is(answer, Errno.ENOENT) || Sys.Is(answer, Errno.ENOTDIR))
            return null;
        using OwnedFd file = OwnedFd.FromAnswer(answer, "open", candidate.Destination);
        LinuxException.ThrowIfError(Sys.statx(file.Value, "", AT.EMPTY_PATH, STATX.TYPE | STATX.MNT_ID, out statx_t status), "stat", candidate.Destination);
        bool device = (status.stx_mode & S.IFMT) is S.IFCHR or S.IFBLK;
        if ((status.stx_attributes & STATX.ATTR_MOUNT_ROOT) == 0 || (candidate.Device && !device))
            return null;
        int index = mounts.FindIndex(mount => (ulong)mount.Id == status.stx_mnt_id);
        return index < 0 ? null : mounts[index];
    }

    private static IEnumerable<string> Below(List<MountEntry> mounts, string folder)
    {
        foreach (MountEntry mount in mounts)
        {
            if (mount.Point.StartsWith(folder + "/", StringComparison.Ordinal))
                yield return mount.Point[folder.Length..];
        }
    }
}

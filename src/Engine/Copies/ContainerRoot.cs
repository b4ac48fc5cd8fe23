using Rundlet.Engine.Lifecycle;
using Rundlet.Engine.Operations;
using Rundlet.Engine.State;
using Rundlet.Images.Copies;
using Rundlet.Linux;
using Rundlet.Linux.Proc;
using Rundlet.Oci;
using Rundlet.Runtime.Supervision;
using Rundlet.Syscalls;

namespace Rundlet.Engine.Copies;

/// <summary>
/// The files of a container with its volumes and binds, as an fd:
/// <code>
/// it runs       /proc/PID/root of its first process: what it sees, all its mounts
/// it does not   its overlay and what is bound in it, mounted in a namespace of a thread of ours; the row is claimed, so that
///               nobody starts it meanwhile, and all is gone with the thread
/// </code>
/// Nothing is entered, and nothing of the container is loaded or run: paths are resolved beneath this fd by the kernel.
/// </summary>
internal static class ContainerRoot
{
    /// <summary>The purpose of the claim on a container that does not run.</summary>
    public const string Purpose = "copy";

    /// <summary>Does something with the files.</summary>
    /// <param name="engine">The engine; not to be used by the work, which another thread may do.</param>
    /// <param name="record">The container.</param>
    /// <param name="work">The work.</param>
    /// <exception cref="ContainerException">NotFound: it is gone, or half made; Conflict: another command is at it; or the work's own.</exception>
    public static void Use(ContainerEngine engine, ContainerRecord record, Action<FileRoot> work)
    {
        Spec spec = InspectContainer.SpecOf(engine, record);
        if (TryOpen(engine, record) is { } root)
        {
            using (root)
                work(Describe(root, record, spec));
            return;
        }
        record = Claims.Take(engine, record, Purpose);
        try
        {
            using OwnedFd? started = TryOpen(engine, record); // while it was waited for
            if (started is not null)
                work(Describe(started, record, spec));
            else
                MountedRoot.Use(engine, record, spec, mounted => work(Describe(mounted, record, spec)));
        }
        finally
        {
            engine.Containers.Release(record.Id);
        }
    }

    private static OwnedFd? TryOpen(ContainerEngine engine, ContainerRecord record) => engine.StandingOf(record) is { IsRunning: true, State: { } state } ? TryOpen(state) : null;

    /// <summary>Null when the process has ended. An fd of its folder in /proc stays with the process: none that got its pid since is looked at.</summary>
    private static OwnedFd? TryOpen(ContainerRuntimeState state)
    {
        int answer = Sys.openat(Sys.AT_FDCWD, $"/proc/{state.Pid}", O.PATH | O.DIRECTORY);
        if (IsGone(answer))
            return null;
        using OwnedFd process = OwnedFd.FromAnswer(answer, "open", $"/proc/{state.Pid}");
        answer = Sys.openat(process.Value, "stat", O.RDONLY);
        if (IsGone(answer))
            return null;
        using OwnedFd stat = OwnedFd.FromAnswer(answer, "open", "stat");
        Span<byte> text = stackalloc byte[1024];
        nint got = Sys.read(stat.Value, text);
        if (Sys.Is(got, Errno.ESRCH))
            return null;
        LinuxException.ThrowIfError(got, "read", "stat");
        if (ProcStat.Parse(text[..(int)got]) is var found && (found.StartTime != state.PidStartTime || !found.IsAlive))
            return null;
        answer = Sys.openat(process.Value, "root", O.PATH | O.DIRECTORY);
        return IsGone(answer) ? null : OwnedFd.FromAnswer(answer, "open root of", $"process {state.Pid}");
    }

    private static bool IsGone(int answer) => Sys.Is(answer, Errno.ENOENT) || Sys.Is(answer, Errno.ESRCH);

    private static FileRoot Describe(OwnedFd root, ContainerRecord record, Spec spec) => new(root.Value, $"container '{record.Name}'")
    {
        IsForeign = true,
        Mounts = MountsOf(root, spec),
        Seen = IdsOf(spec, toHost: false),
        Meant = IdsOf(spec, toHost: true),
    };

    /// <summary>Which mounts hold files of people: true for those, false for the kernel's and for what is empty at each start.</summary>
    private static Dictionary<ulong, bool> MountsOf(OwnedFd root, Spec spec)
    {
        Dictionary<ulong, bool> mounts = [];
        foreach (Mount mount in spec.Mounts ?? [])
        {
            int answer = Sys.openat2(root.Value, mount.Destination, O.PATH, RESOLVE.IN_ROOT | RESOLVE.NO_MAGICLINKS);
            if (answer < 0)
                continue; // the container has hidden or unmounted it: then it is not in the way
            using var place = new OwnedFd(answer);
            LinuxException.ThrowIfError(Sys.statx(place.Value, "", AT.EMPTY_PATH, STATX.MNT_ID, out statx_t stat), "stat", mount.Destination);
            bool isOfPeople = mount.Destination is not ("/dev" or "/dev/shm") && (MountedRoot.IsBind(mount) || mount.Type == "tmpfs");
            mounts[stat.stx_mnt_id] = isOfPeople || mounts.GetValueOrDefault(stat.stx_mnt_id);
        }
        return mounts;
    }

    /// <summary>From the ids of the container's user namespace to the host's, or back.</summary>
    internal static CopyIds IdsOf(Spec spec, bool toHost)
    {
        List<IdMapping>? users = spec.Linux?.UidMappings, groups = spec.Linux?.GidMappings;
        return users is null or [] ? CopyIds.Same : new CopyIds(id => Map(id, users, toHost, "user"), id => Map(id, groups ?? [], toHost, "group"));
    }

    private static uint Map(uint id, List<IdMapping> mappings, bool toHost, string kind)
    {
        const uint Overflow = 65534; // what a process in the container would see, user_namespaces(7)
        foreach (IdMapping mapping in mappings)
        {
            (uint from, uint to) = toHost ? (mapping.ContainerId, mapping.HostId) : (mapping.HostId, mapping.ContainerId);
            if (id >= from && id - from < mapping.Size)
                return to + (id - from);
        }
        return toHost ? throw new ContainerException(ContainerErrorKind.InvalidArgument, $"the container's user namespace has no {kind} id {id}") : Overflow;
    }
}

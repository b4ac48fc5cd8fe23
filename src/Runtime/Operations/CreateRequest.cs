using Rundlet.Init;
using Rundlet.Linux;
using Rundlet.Linux.Cgroups;
using Rundlet.Oci;

namespace Rundlet.Runtime;

/// <summary>What <see cref="CreateContainer"/> needs to know. The fds stay the caller's.</summary>
public sealed class CreateRequest
{
    /// <summary>The container's id; see <see cref="ContainerId"/>.</summary>
    public required string Id { get; init; }

    /// <summary>The bundle: an absolute path.</summary>
    public required string Bundle { get; init; }

    /// <summary>The spec.</summary>
    public required Spec Spec { get; init; }

    /// <summary>A detached mount that becomes the root file system; null to bind <c>root.path</c>.</summary>
    public OwnedFd? RootMount { get; init; }

    /// <summary>Whether the root is changed by chroot(2) in place of pivot_root(2): for hosts that run from an initramfs. The old root stays within reach of CAP_SYS_CHROOT.</summary>
    public bool NoPivot { get; init; }

    /// <summary>A network namespace that the container joins in place of the one that the spec asks for.</summary>
    public OwnedFd? NetworkNamespace { get; init; }

    /// <summary>Detached mounts in the place of bind sources, by destination as the spec writes it.</summary>
    public IReadOnlyDictionary<string, OwnedFd>? DetachedSources { get; init; }

    /// <summary>Three fds for stdin, stdout and stderr; null to inherit. Not used with <c>process.terminal</c>.</summary>
    public IReadOnlyList<int>? Stdio { get; init; }

    /// <summary>How many fds from 3 on the program inherits.</summary>
    public int PreserveFds { get; init; }

    /// <summary>Whether the container keeps the caller's session keyring.</summary>
    public bool KeepKeyring { get; init; }

    /// <summary>Whether the program is told its own pid, as <c>LISTEN_PID</c>.</summary>
    public bool TellsPid { get; init; }

    /// <summary>Whether the program gets a socket to say that it is ready; see <see cref="NotifySocket"/>.</summary>
    public bool Notifies { get; init; }

    /// <summary>Signals that the program starts with blocked; bit N-1 is signal N.</summary>
    public ulong BlockedSignals { get; init; }

    /// <summary>The longest that a hook without a timeout of its own may take, in seconds; negative for ever.</summary>
    public int HookSeconds { get; init; } = -1;

    /// <summary>Whether the container's first process may work in the caller's memory until it executes: <see cref="InitProcess.Start"/>.</summary>
    public bool SharesMemory { get; init; }

    /// <summary>Gets what went wrong and stops nothing, a line each.</summary>
    public Action<string>? Warn { get; init; }

    /// <summary>Who makes the cgroup.</summary>
    public CgroupManager CgroupManager { get; init; }

    /// <summary>
    /// Whether the container may lack cgroups that the caller has no right to make; null to find out. What limits ask
    /// for must be there in any case.
    /// </summary>
    public bool? Rootless { get; init; }

    /// <summary>
    /// Where the container waits for its start when the creator does not stay: the two pipes of its state folder. Null
    /// for <see cref="CreatedContainer.Start"/>.
    /// </summary>
    internal Planning.StartGate? Gate { get; init; }

    /// <summary>The creator's lock on the state folder: the container lets go of its copy at once, or it would keep the lock when the creator is killed.</summary>
    internal int? Lock { get; init; }

    /// <summary>Called once the cgroup's place is known and before it is made, so that it can be put on record, with systemd's unit or null.</summary>
    internal Action<Cgroup, string?>? BeforeCgroup { get; init; }

    /// <summary>Called before <see cref="BeforeCgroup"/>, with the group of resctrl that will be made or joined, where one is asked for.</summary>
    internal Action<RdtGroup>? BeforeRdt { get; init; }

    /// <summary>Called while the first process sets itself up: its pid is known, its cgroups are made, and there is time.</summary>
    internal Action<CreatedContainer>? Meanwhile { get; init; }
}

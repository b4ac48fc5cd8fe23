using Rundlet.Linux;
using Rundlet.Oci;

namespace Rundlet.Runtime.Planning;

/// <summary>What the planner needs beyond the spec: everything that is an fd or a fact of the machine.</summary>
internal sealed class PlanInputs
{
    /// <summary>The spec, validated.</summary>
    public required Spec Spec { get; init; }

    /// <summary>The container's id.</summary>
    public required string Id { get; init; }

    /// <summary>Signals that the program starts with blocked; bit N-1 is signal N.</summary>
    public ulong BlockedSignals { get; init; }

    /// <summary>The folder of the root file system: absolute.</summary>
    public required string RootPath { get; init; }

    /// <summary>A detached mount that becomes the root file system; null where the caller may make none, and the child binds <see cref="RootPath"/>.</summary>
    public OwnedFd? RootMount { get; init; }

    /// <summary>Detached mounts in the place of bind sources, by destination as the spec writes it.</summary>
    public IReadOnlyDictionary<string, OwnedFd>? DetachedSources { get; init; }

    /// <summary>Makes a user namespace for an id mapping. It clones, which only a program with one thread of compiled code may do: another that plans brings its own.</summary>
    public Func<List<IdMapping>, List<IdMapping>, OwnedFd> MakeIdMap { get; init; } = IdMapNamespace.Make;

    /// <summary>Whether the child was cloned before and has made the namespaces that <see cref="EarlyPlan"/> names.</summary>
    public bool StartedEarly { get; init; }

    /// <summary>Whether the child has joined its cgroups before it follows its plan.</summary>
    public bool JoinedEarly { get; init; }

    /// <summary>Whether the root is changed by chroot(2), where pivot_root(2) cannot work.</summary>
    public bool NoPivot { get; init; }

    /// <summary>Relative bind sources are relative to this folder.</summary>
    public required string Bundle { get; init; }

    /// <summary>The child's end of the line.</summary>
    public required int Line { get; init; }

    /// <summary>Where the child waits for <c>start</c>; null to wait on the line.</summary>
    public StartGate? Gate { get; init; }

    /// <summary>Whether the program is told its own pid, as <c>LISTEN_PID</c>.</summary>
    public bool TellsPid { get; init; }

    /// <summary>The hooks that the child runs; null for none.</summary>
    public InnerHooks? Hooks { get; init; }

    /// <summary>Whether the parent has hooks to run before pivot_root.</summary>
    public bool AwaitsHooks { get; init; }

    /// <summary>An fd with a lock on it that only the parent may hold; null for none.</summary>
    public int? Lock { get; init; }

    /// <summary>A network namespace to join in place of the one that the spec asks for; null to follow the spec.</summary>
    public OwnedFd? NetworkNamespace { get; init; }

    /// <summary>Fds from 3 on that the program inherits.</summary>
    public int PreserveFds { get; init; }

    /// <summary>Stdio for the program where the parent's own is not meant; three fds.</summary>
    public IReadOnlyList<int>? Stdio { get; init; }

    /// <summary>Whether the caller's session keyring is kept.</summary>
    public bool KeepKeyring { get; init; }

    /// <summary>How cgroups are mounted, for mounts of type <c>cgroup</c>.</summary>
    public required CgroupMountSource Cgroups { get; init; }

    /// <summary><c>SECCOMP_FILTER_FLAG_*</c> for the filter.</summary>
    public uint SeccompFlags { get; init; }

    /// <summary>Files to write 0 to when the cgroups are there: the child moves itself. Empty where the parent does it.</summary>
    public IReadOnlyList<string> TaskFiles { get; init; } = [];

    /// <summary>The compiled filter, or null.</summary>
    public byte[]? SeccompProgram { get; init; }
}

/// <summary>The two pipes of a container that was created and waits for <c>start</c>.</summary>
/// <param name="Go">One byte on it lets the container go on.</param>
/// <param name="Result">Closed by execve, or gets the status record of what failed.</param>
internal sealed record StartGate(OwnedFd Go, OwnedFd Result);

/// <summary>What a cgroup mount inside the container shows.</summary>
/// <param name="Unified">Whether the host has the v2 hierarchy alone.</param>
/// <param name="Hierarchies">For v1: the folder name under the mount, and the fsconfig keys (<c>cpu</c>, <c>name=systemd</c>).</param>
/// <param name="OwnNamespace">Whether the container has a cgroup namespace.</param>
/// <param name="MayLack">Whether the host's folders may be missing, because the caller may not make them.</param>
internal sealed record CgroupMountSource(
    bool Unified, IReadOnlyList<(string Folder, IReadOnlyList<string> Keys, string HostPath)> Hierarchies, bool OwnNamespace, bool MayLack = false);

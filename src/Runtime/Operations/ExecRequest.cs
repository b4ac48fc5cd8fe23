using Rundlet.Linux;
using Rundlet.Linux.Cgroups;
using Rundlet.Oci;

namespace Rundlet.Runtime;

/// <summary>What <see cref="ExecProcess"/> needs to know. The fds stay the caller's.</summary>
public sealed class ExecRequest
{
    /// <summary>The container's spec: its namespaces and its filter.</summary>
    public required Spec Spec { get; init; }

    /// <summary>A pidfd of the container's first process.</summary>
    public required OwnedFd InitPidfd { get; init; }

    /// <summary>The pid of the container's first process.</summary>
    public required int InitPid { get; init; }

    /// <summary>What to execute.</summary>
    public required Process Process { get; init; }

    /// <summary>The container's state, for the listener of a seccomp filter that notifies; without it such an exec is refused.</summary>
    public ContainerState? State { get; init; }

    /// <summary>The container's session keyring, <see cref="SessionKeyring.NameOf"/>; null to stay in the caller's.</summary>
    public string? Keyring { get; init; }

    /// <summary>The container's cgroup; null to stay in the caller's.</summary>
    public Cgroup? Cgroup { get; init; }

    /// <summary>Called with the pid when the process is set up but for execve, <see cref="RdtGroup.JoinOf"/>; null for none.</summary>
    public Action<int>? EnterRdt { get; init; }

    /// <summary>Three fds for stdin, stdout and stderr; null to inherit. Not used with <c>process.terminal</c>.</summary>
    public IReadOnlyList<int>? Stdio { get; init; }

    /// <summary>Whether the new process may work in the caller's memory until it executes: <see cref="Rundlet.Init.InitProcess.Start"/>.</summary>
    public bool SharesMemory { get; init; }

    /// <summary>Whether the caller clones no other process afterwards: it then stays, for its children, in the container's pid namespace.</summary>
    public bool ClonesNoMore { get; init; }

    /// <summary>Gets what is wrong with the process and no reason to fail, a line each; null for nobody.</summary>
    public Action<string>? Warn { get; init; }

    /// <summary>How many fds from 3 on the program inherits.</summary>
    public int PreserveFds { get; init; }
}

namespace Rundlet.Runtime;

/// <summary>What <c>checkpoint</c> and <c>restore</c> ask of criu; see criu(8) for each.</summary>
public sealed class CriuOptions
{
    /// <summary>The folder of the images, absolute.</summary>
    public required string ImagePath { get; init; }

    /// <summary>The folder of logs and statistics, absolute.</summary>
    public required string WorkPath { get; init; }

    /// <summary>Images of an earlier dump that this one adds to, relative to <see cref="ImagePath"/>; null for a whole one.</summary>
    public string? ParentPath { get; init; }

    /// <summary>Whether the container runs on after it was dumped.</summary>
    public bool LeaveRunning { get; init; }

    /// <summary>Whether only the memory is dumped, ahead of a dump that then takes less time.</summary>
    public bool PreDump { get; init; }

    /// <summary>Whether established TCP connections are dumped.</summary>
    public bool TcpEstablished { get; init; }

    /// <summary>Whether TCP connections that are being made are left out.</summary>
    public bool TcpSkipInFlight { get; init; }

    /// <summary>Whether unix sockets may be connected to the outside.</summary>
    public bool ExternalUnixSockets { get; init; }

    /// <summary>Whether the container is a job of a shell, with the shell's terminal.</summary>
    public bool ShellJob { get; init; }

    /// <summary>Whether file locks are dumped.</summary>
    public bool FileLocks { get; init; }

    /// <summary>Whether open files that were unlinked get a name again.</summary>
    public bool LinkRemap { get; init; }

    /// <summary>Whether pages are removed from the parent's images that are in these.</summary>
    public bool AutoDedup { get; init; }

    /// <summary>Whether the network namespace is made without what was in it.</summary>
    public bool EmptyNetwork { get; init; }

    /// <summary>What is done about cgroups: <c>soft</c>, <c>full</c>, <c>strict</c> or <c>ignore</c>.</summary>
    public string ManageCgroups { get; init; } = "soft";

    /// <summary>The profile of a security module for the restored processes, as <c>TYPE:NAME</c>; null for the old one.</summary>
    public string? LsmProfile { get; init; }

    /// <summary>The SELinux context of restored mounts; null for the old one.</summary>
    public string? LsmMountContext { get; init; }
}

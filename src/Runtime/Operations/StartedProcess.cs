using Rundlet.Linux;

namespace Rundlet.Runtime;

/// <summary>A process that was started in a running container; a child of the caller.</summary>
public sealed class StartedProcess : IDisposable
{
    /// <summary>Its pid on the host.</summary>
    public required int Pid { get; init; }

    /// <summary>A pidfd of it.</summary>
    public required OwnedFd Pidfd { get; init; }

    /// <summary>The master side of its terminal, with <c>process.terminal</c>.</summary>
    public OwnedFd? Terminal { get; init; }

    /// <inheritdoc/>
    public void Dispose()
    {
        Pidfd.Dispose();
        Terminal?.Dispose();
    }
}

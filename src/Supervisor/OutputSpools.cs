using Rundlet.Linux;
using Rundlet.Runtime.Supervision;

namespace Rundlet.Supervisor;

/// <summary>Those of both streams, opened when something comes.</summary>
internal sealed class OutputSpools : IDisposable
{
    private readonly OwnedFd _folder;
    private readonly OutputSpool?[] _spools = new OutputSpool?[2];

    /// <summary>Opens what another supervisor has left; makes nothing.</summary>
    /// <param name="folder">The run folder.</param>
    /// <param name="adopts">Whether there was another one.</param>
    /// <exception cref="LinuxException">One cannot be read.</exception>
    public OutputSpools(OwnedFd folder, bool adopts)
    {
        _folder = folder;
        if (!adopts)
            return;
        _spools[0] = OutputSpool.TryOpen(folder, FrameType.Stdout, make: false);
        _spools[1] = OutputSpool.TryOpen(folder, FrameType.Stderr, make: false);
    }

    /// <summary>The one whose output was being written when its supervisor was killed; null where none was.</summary>
    public OutputSpool? Interrupted => Array.Find(_spools, spool => spool is { Pending: > 0 });

    /// <summary>The one of a stream; null as long as nothing has come.</summary>
    public OutputSpool? Find(FrameType stream) => _spools[IndexOf(stream)];

    /// <summary>The one of a stream; null where none can be made.</summary>
    public OutputSpool? Open(FrameType stream) => _spools[IndexOf(stream)] ??= OutputSpool.TryOpen(_folder, stream, make: true);

    /// <inheritdoc/>
    public void Dispose()
    {
        foreach (OutputSpool? spool in _spools)
            spool?.Dispose();
    }

    private static int IndexOf(FrameType stream) => stream == FrameType.Stderr ? 1 : 0;
}

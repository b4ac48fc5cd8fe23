using Rundlet.Linux;
using Rundlet.Syscalls;

namespace Rundlet.Supervisor.Proxy;

/// <summary>A pipe through which bytes go from one socket to another without coming into this process.</summary>
internal sealed class Pipe : IDisposable
{
    /// <summary>How much it holds, in bytes; where the kernel grants less, that is enough too.</summary>
    public const int Size = 256 << 10;

    private Pipe(OwnedFd reading, OwnedFd writing) => (Reading, Writing) = (reading, writing);

    /// <summary>Where bytes come out.</summary>
    public OwnedFd Reading { get; }

    /// <summary>Where they go in.</summary>
    public OwnedFd Writing { get; }

    /// <summary>Makes one.</summary>
    /// <exception cref="LinuxException">The kernel refused.</exception>
    public static Pipe Make()
    {
        LinuxException.ThrowIfError(Sys.pipe2(out int reading, out int writing, O.NONBLOCK), "pipe2");
        _ = Sys.fcntl(writing, F.SETPIPE_SZ, Size); // ignored: as said above
        return new Pipe(new OwnedFd(reading), new OwnedFd(writing));
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        Reading.Dispose();
        Writing.Dispose();
    }
}

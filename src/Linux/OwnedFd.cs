using Rundlet.Syscalls;

namespace Rundlet.Linux;

// What belongs in this project: what the kernel offers, in safe C#: files by fd, mounts, cgroups, capabilities,
// seccomp, netlink, procfs. What does not: anything that knows what a container, an image or a network is.

/// <summary>
/// A file descriptor with an owner: closed once, by <see cref="Dispose"/>. There is no finalizer on purpose; an
/// fd that nobody disposes is a mistake that the leak checks of the tests show.
/// </summary>
public sealed class OwnedFd : IDisposable
{
    private int _value;

    /// <summary>Takes an open fd over.</summary>
    public OwnedFd(int value)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(value);
        _value = value;
    }

    /// <summary>The number. Valid until <see cref="Dispose"/> or <see cref="Release"/>.</summary>
    /// <exception cref="ObjectDisposedException">It was closed or given away.</exception>
    public int Value => _value >= 0 ? _value : throw new ObjectDisposedException(nameof(OwnedFd));

    /// <summary>Whether it was closed or given away.</summary>
    public bool IsClosed => _value < 0;

    /// <summary>Takes an answer of <see cref="Sys"/> over.</summary>
    /// <exception cref="LinuxException">The answer is an error.</exception>
    public static OwnedFd FromAnswer(int answer, string operation, string subject = "") =>
        new(LinuxException.ThrowIfError(answer, operation, subject));

    /// <summary>Gives the number to another owner.</summary>
    public int Release()
    {
        int value = Value;
        _value = -1;
        return value;
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        if (_value < 0)
            return;
        _ = Sys.close(_value); // ignored: the fd is gone whatever close(2) answers
        _value = -1;
    }

    /// <inheritdoc/>
    public override string ToString() => $"fd {_value}";
}

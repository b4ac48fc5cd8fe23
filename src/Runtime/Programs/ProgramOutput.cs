using System.Text;
using Rundlet.Linux;
using Rundlet.Syscalls;

namespace Rundlet.Runtime;

/// <summary>What a program writes to stdout and stderr: read while it runs, and the end of it kept for the error of one that fails.</summary>
internal sealed class ProgramOutput : IDisposable
{
    private const int Kept = 4096; // bytes
    private readonly byte[] _buffer = new byte[2 * Kept];
    private int _length;

    private ProgramOutput(OwnedFd reading, OwnedFd writing)
    {
        Reading = reading;
        Writing = writing;
    }

    /// <summary>The end to poll.</summary>
    public OwnedFd Reading { get; }

    /// <summary>The end for the program.</summary>
    public OwnedFd Writing { get; }

    /// <summary>The text so far, in one line.</summary>
    public string Text => Encoding.UTF8.GetString(_buffer, Math.Max(0, _length - Kept), Math.Min(_length, Kept)).Trim().Replace("\r", "", StringComparison.Ordinal).Replace("\n", " | ", StringComparison.Ordinal);

    /// <summary>Opens the pipe.</summary>
    /// <exception cref="LinuxException">The kernel refused.</exception>
    public static ProgramOutput Open()
    {
        LinuxException.ThrowIfError(Sys.pipe2(out int reading, out int writing, 0), "pipe2");
        ProgramOutput output = new(new OwnedFd(reading), new OwnedFd(writing));
        LinuxException.ThrowIfError(Sys.fcntl(reading, F.SETFL, O.NONBLOCK), "fcntl");
        return output;
    }

    /// <summary>Takes what is there. A process that a program left in the background may hold the pipe for ever: nobody waits for its end.</summary>
    /// <returns>Whether more may come.</returns>
    public bool Drain()
    {
        while (true)
        {
            if (_length == _buffer.Length)
            {
                _buffer.AsSpan(Kept).CopyTo(_buffer);
                _length = Kept;
            }
            nint got = Sys.read(Reading.Value, _buffer.AsSpan(_length));
            if (got <= 0)
                return Sys.Is(got, Errno.EAGAIN) || Sys.Is(got, Errno.EINTR);
            _length += (int)got;
        }
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        Reading.Dispose();
        Writing.Dispose();
    }
}

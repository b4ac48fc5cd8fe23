using System.Text;
using Rundlet.Engine.Logs;
using Rundlet.Linux;

namespace Rundlet.Cli.Output;

/// <summary>Records of a log to the streams that they were written to, many in one write.</summary>
/// <param name="timestamps">Whether the time stands before each line.</param>
/// <param name="details">Whether the attributes do.</param>
internal sealed class LogOutput(bool timestamps, bool details)
{
    private const int FlushBytes = 64 << 10;

    private readonly bool[] _isInLine = new bool[2];
    private byte[] _pending = new byte[FlushBytes + (32 << 10)];
    private int _length;
    private int _fd = 1;

    /// <summary>Takes a record.</summary>
    public void Write(LogRecord record)
    {
        int fd = record.IsError ? 2 : 1;
        if (fd != _fd || _length > FlushBytes)
            Flush();
        _fd = fd;
        // A long line is several records; what stands before a line does not belong into its middle.
        if (!_isInLine[fd - 1])
        {
            if (timestamps)
            {
                Put(record.Time);
                Put(" "u8);
            }
            if (details)
                Put(Encoding.UTF8.GetBytes(record.Details() + " "));
        }
        Put(record.Text);
        _isInLine[fd - 1] = !record.Text.IsEmpty && record.Text[^1] != (byte)'\n';
    }

    /// <summary>Writes what was taken.</summary>
    /// <exception cref="Syscalls.LinuxException"><c>EPIPE</c>: the reader is gone.</exception>
    public void Flush()
    {
        FileIo.WriteAll(_fd, _pending.AsSpan(0, _length), "standard output");
        _length = 0;
    }

    private void Put(ReadOnlySpan<byte> bytes)
    {
        if (_length + bytes.Length > _pending.Length)
            Array.Resize(ref _pending, Math.Max(2 * _pending.Length, _length + bytes.Length));
        bytes.CopyTo(_pending.AsSpan(_length));
        _length += bytes.Length;
    }
}

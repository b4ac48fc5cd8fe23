using Rundlet.Linux;
using Rundlet.Syscalls;

namespace Rundlet.Cli.Files;

/// <summary>
/// Where a command reads something long: a file or standard input. A regular file can seek; for all others a read ends when it is
/// cancelled, though nothing comes.
/// </summary>
internal sealed class InputFile : Stream
{
    private const int StandardInput = 0;

    private readonly OwnedFd? _file;
    private readonly OwnedFd _wake;
    private readonly CancellationTokenRegistration _registration;
    private readonly CancellationToken _cancel;
    private readonly string _shown;
    private readonly Action<long>? _passed;
    private readonly long _length; // −1: it cannot seek
    private long _position;

    private InputFile(OwnedFd? file, string shown, Action<long>? passed, CancellationToken cancel)
    {
        _passed = passed;
        _file = file;
        _shown = shown;
        _cancel = cancel;
        LinuxException.ThrowIfError(Sys.statx(Fd, "", AT.EMPTY_PATH, STATX.TYPE | STATX.SIZE, out statx_t stat), "stat", shown);
        if ((stat.stx_mode & S.IFMT) == S.IFDIR)
            throw new ContainerException(ContainerErrorKind.InvalidArgument, $"'{shown}' is a folder, not an archive");
        long start = Sys.lseek(Fd, 0, 1 /* SEEK_CUR */);
        _length = (stat.stx_mode & S.IFMT) == S.IFREG && start >= 0 ? (long)stat.stx_size : -1;
        _position = Math.Max(0, start);
        _wake = OwnedFd.FromAnswer(Sys.eventfd2(0, 0), "eventfd");
        _registration = cancel.UnsafeRegister(static wake => Wake((OwnedFd)wake!), _wake);
    }

    /// <inheritdoc/>
    public override bool CanRead => true;

    /// <inheritdoc/>
    public override bool CanSeek => _length >= 0;

    /// <inheritdoc/>
    public override bool CanWrite => false;

    /// <inheritdoc/>
    public override long Length => CanSeek ? _length : throw new NotSupportedException();

    /// <inheritdoc/>
    public override long Position
    {
        get => CanSeek ? _position : throw new NotSupportedException();
        set => Seek(value, SeekOrigin.Begin);
    }

    private int Fd => _file?.Value ?? StandardInput;

    /// <summary>Opens it.</summary>
    /// <param name="path">The path; null or a dash for standard input.</param>
    /// <param name="hint">What to do when standard input is a terminal.</param>
    /// <param name="cancel">Ends a read.</param>
    /// <param name="passed">Is told how many bytes each read gave; null for nobody.</param>
    /// <exception cref="ContainerException">NotFound: no such file; InvalidArgument: a folder or a terminal; PermissionDenied.</exception>
    public static InputFile Open(string? path, string hint, CancellationToken cancel, Action<long>? passed = null)
    {
        if (path is null or "-")
        {
            return Out.IsTerminal(StandardInput)
                ? throw new ContainerException(ContainerErrorKind.InvalidArgument, "standard input is a terminal, not an archive") { Hint = hint }
                : new InputFile(null, "standard input", passed, cancel);
        }
        int answer = Sys.openat(Sys.AT_FDCWD, path, O.RDONLY | O.NOCTTY);
        if (Sys.Is(answer, Errno.ENOENT) || Sys.Is(answer, Errno.ENOTDIR))
            throw new ContainerException(ContainerErrorKind.NotFound, $"no such file '{path}'");
        if (Sys.Is(answer, Errno.EACCES) || Sys.Is(answer, Errno.EPERM))
            throw new ContainerException(ContainerErrorKind.PermissionDenied, $"'{path}' is not a file that can be read");
        OwnedFd file = OwnedFd.FromAnswer(answer, "open", path);
        try
        {
            return new InputFile(file, path, passed, cancel);
        }
        catch
        {
            file.Dispose();
            throw;
        }
    }

    /// <inheritdoc/>
    /// <exception cref="OperationCanceledException">It was cancelled.</exception>
    public override int Read(Span<byte> buffer)
    {
        while (true)
        {
            if (!CanSeek)
                AwaitBytes();
            _cancel.ThrowIfCancellationRequested();
            nint got = CanSeek ? Sys.pread(Fd, buffer, _position) : Sys.read(Fd, buffer);
            if (Sys.Is(got, Errno.EINTR) || Sys.Is(got, Errno.EAGAIN))
                continue;
            LinuxException.ThrowIfError(got, "read", _shown);
            _position += got;
            _passed?.Invoke(got);
            return (int)got;
        }
    }

    /// <inheritdoc/>
    public override int Read(byte[] buffer, int offset, int count) => Read(buffer.AsSpan(offset, count));

    /// <inheritdoc/>
    public override long Seek(long offset, SeekOrigin origin)
    {
        long target = origin switch
        {
            SeekOrigin.Begin => offset,
            SeekOrigin.Current => Position + offset,
            _ => Length + offset,
        };
        ArgumentOutOfRangeException.ThrowIfNegative(target, nameof(offset));
        return CanSeek ? _position = target : throw new NotSupportedException();
    }

    /// <inheritdoc/>
    public override void Flush()
    {
    }

    /// <inheritdoc/>
    public override void SetLength(long value) => throw new NotSupportedException();

    /// <inheritdoc/>
    public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();

    /// <inheritdoc/>
    protected override void Dispose(bool disposing)
    {
        if (disposing)
        {
            _registration.Dispose();
            _wake.Dispose();
            _file?.Dispose();
        }
        base.Dispose(disposing);
    }

    private void AwaitBytes()
    {
        Span<pollfd> sources = [new() { fd = Fd, events = POLL.IN }, new() { fd = _wake.Value, events = POLL.IN }];
        int answer;
        do
            answer = Sys.poll(sources, -1);
        while (Sys.Is(answer, Errno.EINTR)); // perhaps by the very signal that will cancel
        LinuxException.ThrowIfError(answer, "wait for", _shown);
    }

    private static void Wake(OwnedFd wake) => _ = Sys.write(wake.Value, [1, 0, 0, 0, 0, 0, 0, 0]); // ignored: a counter that is full wakes as well
}

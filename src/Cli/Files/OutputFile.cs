using Rundlet.Linux;
using Rundlet.Syscalls;

namespace Rundlet.Cli.Files;

/// <summary>
/// Where a command writes something long: a file that appears whole or not at all, whoever is killed or cut off from power; or standard output, a device or a
/// pipe, which take what comes.
/// </summary>
internal sealed class OutputFile : Stream
{
    private const int StandardOutput = 1;
    private const uint Private = 0x180; // 0600: it may hold secrets

    private readonly byte[] _buffer = GC.AllocateUninitializedArray<byte>(128 << 10);
    private readonly OwnedFd? _file;
    private readonly OwnedFd? _folder;
    private readonly string _name;
    private readonly string _temporary = "";
    private readonly string _shown;
    private readonly Action<long>? _passed;
    private int _buffered;
    private bool _nameless; // until its end it is nowhere, and gone with us
    private bool _committed;

    /// <summary>Something that takes what comes.</summary>
    private OutputFile(OwnedFd? file, string shown, Action<long>? passed)
    {
        _passed = passed;
        _file = file;
        _name = "";
        _shown = shown;
    }

    /// <summary>A file that is not there yet.</summary>
    private OutputFile(OwnedFd folder, string name, string shown, Action<long>? passed)
    {
        _passed = passed;
        _folder = folder;
        _name = name;
        _shown = shown;
        _temporary = $".{name}.{Sys.getpid()}.tmp";
        int answer = Sys.openat(folder.Value, ".", O.WRONLY | O.TMPFILE, Private);
        _nameless = answer >= 0;
        if (!_nameless) // a file system that makes none
            answer = Sys.openat(folder.Value, _temporary, O.WRONLY | O.CREAT | O.EXCL | O.NOFOLLOW, Private);
        _file = OwnedFd.FromAnswer(answer, "open", _temporary);
    }

    /// <inheritdoc/>
    public override bool CanRead => false;

    /// <inheritdoc/>
    public override bool CanSeek => false;

    /// <inheritdoc/>
    public override bool CanWrite => true;

    /// <inheritdoc/>
    public override long Length => throw new NotSupportedException();

    /// <inheritdoc/>
    public override long Position
    {
        get => throw new NotSupportedException();
        set => throw new NotSupportedException();
    }

    private int Fd => _file?.Value ?? StandardOutput;

    /// <summary>Opens it.</summary>
    /// <param name="path">The path; null for standard output.</param>
    /// <param name="what">What will be written, for the error on a terminal: <c>an archive</c>.</param>
    /// <param name="passed">Is told how many bytes each write took; null for nobody.</param>
    /// <exception cref="ContainerException">InvalidArgument: standard output is a terminal, or the path is a folder; NotFound: its folder is not there.</exception>
    public static OutputFile Open(string? path, string what, Action<long>? passed = null)
    {
        if (path is null)
        {
            return Out.IsTerminal(StandardOutput)
                ? throw new ContainerException(ContainerErrorKind.InvalidArgument, $"{what} is nothing for a terminal") { Hint = "write it to a file with -o FILE, or redirect the output" }
                : new OutputFile(null, "standard output", passed);
        }
        try
        {
            return OpenPath(path, passed);
        }
        catch (LinuxException error) when (error.Errno is Errno.ENOENT or Errno.ENOTDIR)
        {
            throw new ContainerException(ContainerErrorKind.NotFound, $"cannot write '{path}': there is no such folder");
        }
        catch (LinuxException error)
        {
            throw Failed(error, path);
        }
    }

    /// <summary>What was written is all: the file gets its name.</summary>
    /// <exception cref="ContainerException">Unavailable: the disk is full.</exception>
    public void Commit()
    {
        Flush();
        if (_folder is not null)
        {
            try
            {
                LinuxException.ThrowIfError(Sys.fsync(Fd), "fsync", _shown); // its name must not outlive its content
                if (_nameless)
                    LinuxException.ThrowIfError(Sys.linkat(Sys.AT_FDCWD, $"/proc/self/fd/{Fd}", _folder.Value, _temporary, AT.SYMLINK_FOLLOW), "link", _temporary);
                _nameless = false;
                LinuxException.ThrowIfError(Sys.renameat2(_folder.Value, _temporary, _folder.Value, _name, 0), "rename", _temporary);
                LinuxException.ThrowIfError(Sys.fsync(_folder.Value), "fsync folder of", _shown);
            }
            catch (LinuxException error)
            {
                throw Failed(error, _shown);
            }
        }
        _committed = true;
    }

    /// <inheritdoc/>
    public override void Write(ReadOnlySpan<byte> bytes)
    {
        if (bytes.Length > _buffer.Length - _buffered)
            Flush();
        if (bytes.Length > _buffer.Length)
        {
            Pass(bytes);
            return;
        }
        bytes.CopyTo(_buffer.AsSpan(_buffered));
        _buffered += bytes.Length;
    }

    /// <inheritdoc/>
    public override void Write(byte[] buffer, int offset, int count) => Write(buffer.AsSpan(offset, count));

    /// <inheritdoc/>
    public override void Flush()
    {
        int length = _buffered;
        _buffered = 0;
        Pass(_buffer.AsSpan(0, length));
    }

    /// <inheritdoc/>
    public override int Read(byte[] buffer, int offset, int count) => throw new NotSupportedException();

    /// <inheritdoc/>
    public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

    /// <inheritdoc/>
    public override void SetLength(long value) => throw new NotSupportedException();

    /// <inheritdoc/>
    protected override void Dispose(bool disposing)
    {
        if (disposing)
        {
            if (_folder is not null && !_committed && !_nameless)
                _ = Sys.unlinkat(_folder.Value, _temporary, 0); // ignored: another error is on its way
            _file?.Dispose();
            _folder?.Dispose();
        }
        base.Dispose(disposing);
    }

    private static OutputFile OpenPath(string path, Action<long>? passed)
    {
        int answer = Sys.statx(Sys.AT_FDCWD, path, 0, STATX.TYPE, out statx_t stat);
        uint type = answer < 0 ? S.IFREG : stat.stx_mode & S.IFMT;
        if (type == S.IFDIR)
            throw new ContainerException(ContainerErrorKind.InvalidArgument, $"cannot write '{path}': it is a folder");
        if (type != S.IFREG)
            return new OutputFile(FileIo.Open(Sys.AT_FDCWD, path, O.WRONLY | O.NOCTTY), path, passed);
        OwnedFd folder = FileIo.Open(Sys.AT_FDCWD, Path.GetDirectoryName(path) is { Length: > 0 } parent ? parent : ".", O.RDONLY | O.DIRECTORY);
        try
        {
            return new OutputFile(folder, Path.GetFileName(path), path, passed);
        }
        catch (LinuxException)
        {
            folder.Dispose();
            throw;
        }
    }

    private void Pass(ReadOnlySpan<byte> bytes)
    {
        try
        {
            FileIo.WriteAll(Fd, bytes, _shown);
            _passed?.Invoke(bytes.Length);
        }
        catch (LinuxException error) when (error.Errno != Errno.EPIPE) // whoever read it went away: nothing to tell
        {
            throw Failed(error, _shown);
        }
    }

    private static ContainerException Failed(LinuxException error, string path) => error.IsDiskFull
        ? new ContainerException(ContainerErrorKind.Unavailable, $"cannot write '{path}': the disk is full") { Hint = "free some space there, or write it elsewhere with -o" }
        : new ContainerException(error.Errno is Errno.EACCES or Errno.EPERM or Errno.EROFS ? ContainerErrorKind.PermissionDenied : ContainerErrorKind.Internal, $"cannot write '{path}'", error);
}

using System.Text;
using Rundlet.Linux;
using Rundlet.Syscalls;

namespace Rundlet.Cli.Files;

/// <summary>The file of <c>--cidfile</c>: made before the container, so that two never share one; gone again when the container is not made.</summary>
internal sealed class IdFile : IDisposable
{
    private readonly string _path;
    private readonly OwnedFd _file;
    private bool _isKept;

    private IdFile(string path, OwnedFd file)
    {
        _path = path;
        _file = file;
    }

    /// <summary>Makes it.</summary>
    /// <exception cref="ContainerException">AlreadyExists: there is one; NotFound: there is no such folder.</exception>
    public static IdFile Make(string path)
    {
        int answer = Sys.openat(Sys.AT_FDCWD, path, O.WRONLY | O.CREAT | O.EXCL, 0x1A4 /* 0644 */);
        if (Sys.Is(answer, Errno.EEXIST))
            throw new ContainerException(ContainerErrorKind.AlreadyExists, $"the file '{path}' exists, and may name another container") { Hint = "remove it, or name another one with --cidfile" };
        if (Sys.Is(answer, Errno.ENOENT))
            throw new ContainerException(ContainerErrorKind.NotFound, $"the folder of '{path}' does not exist");
        return new IdFile(path, OwnedFd.FromAnswer(answer, "create", path));
    }

    /// <summary>Writes the id.</summary>
    /// <exception cref="LinuxException">It cannot be written.</exception>
    public void Write(string id) => FileIo.WriteAll(_file.Value, Encoding.ASCII.GetBytes(id), _path);

    /// <summary>Leaves it there: the container is made.</summary>
    public void Keep() => _isKept = true;

    /// <inheritdoc/>
    public void Dispose()
    {
        _file.Dispose();
        if (!_isKept)
            _ = Sys.unlinkat(Sys.AT_FDCWD, _path, 0); // ignored: somebody else may have removed it
    }
}

using System.Globalization;
using Rundlet.Linux;
using Rundlet.Syscalls;

namespace Rundlet.Runtime.Supervision;

//   container.log          the current file
//   container.log.7        the one before it; a file keeps its number for good, the newest has the highest
//   container.log.6.gz     one that was packed; until container.log.6 is gone, the two say the same

/// <summary>A file that output was written to before the current one.</summary>
/// <param name="Number">The higher, the newer.</param>
/// <param name="IsPacked">Whether it is compressed with gzip.</param>
public readonly record struct RotatedLog(long Number, bool IsPacked)
{
    private const string PackedEnd = ".gz";

    /// <summary>Its name.</summary>
    /// <param name="log">The current file's name or path.</param>
    public string NameFor(string log) => $"{log}.{Number.ToString(CultureInfo.InvariantCulture)}{(IsPacked ? PackedEnd : "")}";

    /// <summary>Reads a name.</summary>
    /// <param name="name">Of a file.</param>
    /// <param name="log">The current file's name.</param>
    public static RotatedLog? TryParse(string name, string log)
    {
        if (name.Length <= log.Length + 1 || !name.StartsWith(log, StringComparison.Ordinal) || name[log.Length] != '.')
            return null;
        ReadOnlySpan<char> number = name.AsSpan(log.Length + 1);
        bool packed = number.EndsWith(PackedEnd, StringComparison.Ordinal);
        if (packed)
            number = number[..^PackedEnd.Length];
        return number.Length > 0 && number[0] is >= '1' and <= '9' && long.TryParse(number, NumberStyles.None, CultureInfo.InvariantCulture, out long value)
            ? new RotatedLog(value, packed)
            : null;
    }

    /// <summary>All of them, the oldest first, whole ones before packed ones of the same number.</summary>
    /// <param name="path">The current file's absolute path.</param>
    /// <exception cref="LinuxException">The folder cannot be read.</exception>
    public static List<RotatedLog> List(string path)
    {
        int slash = path.LastIndexOf('/');
        string folder = path[..slash], name = path[(slash + 1)..];
        List<RotatedLog> found = [];
        int answer = Sys.openat(Sys.AT_FDCWD, folder, O.RDONLY | O.DIRECTORY);
        if (Sys.Is(answer, Errno.ENOENT))
            return found;
        using OwnedFd fd = OwnedFd.FromAnswer(answer, "open", folder);
        foreach (string file in FolderList.Of(fd.Value, folder))
        {
            if (TryParse(file, name) is { } rotated)
                found.Add(rotated);
        }
        found.Sort(static (a, b) => a.Number != b.Number ? a.Number.CompareTo(b.Number) : a.IsPacked.CompareTo(b.IsPacked));
        return found;
    }

    /// <summary>Removes the files of a log, for a container that does not run. The current file goes last: a crash leaves nothing that seems newer.</summary>
    /// <exception cref="LinuxException">The kernel refused.</exception>
    public static void RemoveAll(string path)
    {
        foreach (RotatedLog file in List(path))
            Remove(file.NameFor(path));
        Remove(path);
    }

    /// <summary>Removes one file; one that is gone is fine.</summary>
    /// <exception cref="LinuxException">The kernel refused.</exception>
    public static void Remove(string path)
    {
        int answer = Sys.unlinkat(Sys.AT_FDCWD, path, 0);
        if (!Sys.Is(answer, Errno.ENOENT))
            LinuxException.ThrowIfError(answer, "unlink", path);
    }
}

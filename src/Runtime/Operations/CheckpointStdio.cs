using System.Globalization;
using System.Text;
using System.Text.Json;
using Rundlet.Linux;
using Rundlet.Linux.Proc;
using Rundlet.Oci;
using Rundlet.Syscalls;

namespace Rundlet.Runtime;

/// <summary>
/// Stdin, stdout and stderr of a container lead out of it: pipes, or files that are in none of its mounts. A dump notes
/// what they are. A restore puts its caller's in their place. For a regular file that has to be the same file again, as criu goes on
/// only with one of the size that it was; it is never opened by the name in the images, which may be anybody's.
/// </summary>
internal static class CheckpointStdio
{
    private const string FileName = "descriptors.json"; // as runc
    private const int FirstFd = 100; // in criu, above all that we have open
    private const int LongestTarget = 4096; // bytes

    /// <summary>Writes down what the three are and adds the flags for those that criu must not look into.</summary>
    /// <exception cref="LinuxException">The kernel refused.</exception>
    public static void AddToDump(List<string> words, int pid, List<MountEntry> mounts, CriuOptions options)
    {
        JsonWriter writer = new();
        writer.WriteStartArray();
        string last = "";
        for (int i = 0; i < 3; i++)
        {
            (string name, string? path) = NameOf(pid, i, mounts);
            writer.WriteStringValue(path is null ? name : $"{name}:{path}");
            if (name.StartsWith("file[", StringComparison.Ordinal) && name != last)
                words.AddRange(["--external", name]);
            last = name;
        }
        writer.WriteEndArray();
        using OwnedFd folder = FileIo.Open(Sys.AT_FDCWD, options.ImagePath, O.RDONLY | O.DIRECTORY);
        FileIo.Replace(folder.Value, FileName, writer.ToArray(), 0x180 /* 0600 */, durable: false);
    }

    /// <summary>Adds the flags and the fds that put ours in place of the three.</summary>
    /// <param name="words">The command line.</param>
    /// <param name="fds">Gets the fds.</param>
    /// <param name="options">Where the images are.</param>
    /// <exception cref="ContainerException">What the dump wrote is damaged, or the caller's is another file.</exception>
    public static void AddToRestore(List<string> words, List<Spawn.FdMapping> fds, CriuOptions options)
    {
        List<string> names = Read($"{options.ImagePath}/{FileName}");
        for (int i = 0; i < names.Count && i < 3; i++)
        {
            bool known = names[i].StartsWith("pipe:[", StringComparison.Ordinal) || names[i].StartsWith("file[", StringComparison.Ordinal);
            if (!known || names.IndexOf(names[i]) < i)
                continue;
            int end = names[i].IndexOf(']') + 1;
            if (end > 0 && end < names[i].Length)
                RequireSameFile(i, names[i][(end + 1)..]);
            words.AddRange(["--inherit-fd", $"fd[{FirstFd + i}]:{names[i][..end]}"]);
            fds.Add(new(i, FirstFd + i));
        }
    }

    private static void RequireSameFile(int fd, string path)
    {
        byte[] buffer = new byte[LongestTarget];
        int length = Sys.readlinkat(Sys.AT_FDCWD, $"/proc/self/fd/{fd}", buffer);
        if (length >= 0 && Encoding.UTF8.GetString(buffer, 0, length) == path && Sys.fcntl(fd, F.GETFD) >= 0)
            return;
        string name = fd switch { 0 => "stdin", 1 => "stdout", _ => "stderr" };
        throw new ContainerException(ContainerErrorKind.InvalidArgument, $"the container's {name} was the file '{path}', and the caller's is another one")
        {
            Hint = $"call restore with {name} {(fd == 0 ? "from" : "appended to")} '{path}'",
        };
    }

    private static (string Name, string? Path) NameOf(int pid, int fd, List<MountEntry> mounts)
    {
        string path = $"/proc/{pid}/fd/{fd}";
        byte[] buffer = new byte[LongestTarget];
        int length = Sys.readlinkat(Sys.AT_FDCWD, path, buffer);
        if (Sys.Is(length, Errno.ENOENT))
            return ("", null); // closed
        string target = Encoding.UTF8.GetString(buffer, 0, LinuxException.ThrowIfError(length, "read link", path));
        if (target.StartsWith("pipe:[", StringComparison.Ordinal))
            return (target, null);
        if (!target.StartsWith('/'))
            return ("", null); // a socket, which is criu's with --ext-unix-sk
        LinuxException.ThrowIfError(Sys.statx(Sys.AT_FDCWD, path, 0, STATX.TYPE | STATX.INO | STATX.MNT_ID, out statx_t file), "stat", path);
        bool terminal = (file.stx_mode & S.IFMT) == S.IFCHR && file.stx_rdev_major is 4 or 5 or (>= 136 and <= 143);
        if (terminal || mounts.Exists(mount => (ulong)mount.Id == file.stx_mnt_id))
            return ("", null);
        string name = string.Create(CultureInfo.InvariantCulture, $"file[{file.stx_mnt_id:x}:{file.stx_ino:x}]");
        return (name, (file.stx_mode & S.IFMT) == S.IFREG ? target : null);
    }

    private static List<string> Read(string path)
    {
        List<string> names = [];
        // A pipe among the images would make it wait.
        int answer = Sys.openat(Sys.AT_FDCWD, path, O.RDONLY | O.NONBLOCK | O.NOFOLLOW);
        if (Sys.Is(answer, Errno.ENOENT))
            return names;
        using OwnedFd file = OwnedFd.FromAnswer(answer, "open", path);
        byte[] text = FileIo.ReadAll(file.Value, path);
        try
        {
            Utf8JsonReader reader = new(text);
            while (reader.Read())
            {
                if (reader.TokenType == JsonTokenType.String)
                    names.Add(reader.GetString()!);
            }
            return names;
        }
        catch (JsonException damaged)
        {
            throw new ContainerException(ContainerErrorKind.InvalidArgument, $"'{path}' is damaged", damaged);
        }
    }
}

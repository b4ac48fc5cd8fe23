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
/// what they are. A restore puts its caller's in their place; but regular files stay the container's, as criu goes on only
/// with a file of the size that it was.
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
    /// <param name="held">Gets those that the caller has to close when criu has them.</param>
    /// <param name="options">Where the images are.</param>
    /// <exception cref="ContainerException">What the dump wrote is damaged, or a file is missing.</exception>
    public static void AddToRestore(List<string> words, List<Spawn.FdMapping> fds, List<OwnedFd> held, CriuOptions options)
    {
        List<string> names = Read($"{options.ImagePath}/{FileName}");
        for (int i = 0; i < names.Count && i < 3; i++)
        {
            bool known = names[i].StartsWith("pipe:[", StringComparison.Ordinal) || names[i].StartsWith("file[", StringComparison.Ordinal);
            if (!known || names.IndexOf(names[i]) < i)
                continue;
            int end = names[i].IndexOf(']') + 1;
            int source = i;
            if (end > 0 && end < names[i].Length)
            {
                held.Add(OpenRegular(names[i][(end + 1)..]));
                source = held[^1].Value;
            }
            words.AddRange(["--inherit-fd", $"fd[{FirstFd + i}]:{names[i][..end]}"]);
            fds.Add(new(source, FirstFd + i));
        }
    }

    private static OwnedFd OpenRegular(string path)
    {
        int answer = Sys.openat(Sys.AT_FDCWD, path, O.RDONLY | O.NONBLOCK | O.NOFOLLOW);
        if (Sys.Is(answer, Errno.ENOENT))
            throw new ContainerException(ContainerErrorKind.NotFound, $"file '{path}', which the container had for its output or input, does not exist");
        OwnedFd file = OwnedFd.FromAnswer(answer, "open", path);
        if (Sys.statx(file.Value, "", AT.EMPTY_PATH, STATX.TYPE, out statx_t status) == 0 && (status.stx_mode & S.IFMT) == S.IFREG)
            return file;
        file.Dispose();
        throw new ContainerException(ContainerErrorKind.InvalidArgument, $"'{path}', which the container had for its output or input, is no regular file any more");
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
        if (FileIo.TryReadText(path) is not { } text)
            return names;
        try
        {
            Utf8JsonReader reader = new(Encoding.UTF8.GetBytes(text));
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

using System.Text;
using Rundlet.Syscalls;

namespace Rundlet.Linux.Labels;

/// <summary>SELinux as this machine runs it. Whether it does is asked once a process: nobody switches it on without booting.</summary>
public static class SelinuxHost
{
    /// <summary>The attribute that holds the label of a file.</summary>
    public const string Xattr = "security.selinux";

    private const string FileSystem = "/sys/fs/selinux";

    private static bool? s_isOn;

    /// <summary>Whether labels mean something here. libselinux asks the same: selinuxfs is mounted, and what is mounted there is selinuxfs.</summary>
    public static bool IsOn => s_isOn ??= Look();

    /// <summary>Whether the policy that is loaded knows a label.</summary>
    public static bool Knows(string label)
    {
        int answer = Sys.openat(Sys.AT_FDCWD, $"{FileSystem}/context", O.RDWR);
        if (answer < 0)
            return false;
        using OwnedFd fd = new(answer);
        return Sys.write(fd.Value, Encoding.UTF8.GetBytes(label + '\0')) >= 0;
    }

    /// <summary>Gives a file a label.</summary>
    /// <param name="fd">An fd of it, not <c>O_PATH</c>.</param>
    /// <param name="label">The label.</param>
    /// <param name="path">What to call it in an error.</param>
    /// <exception cref="LinuxException">The kernel refused: the policy does not know the label, or does not let it be given.</exception>
    public static void Label(int fd, string label, string path) =>
        LinuxException.ThrowIfError(Sys.fsetxattr(fd, Xattr, Value(label)), $"label '{label}' on", path);

    /// <summary>The value of <see cref="Xattr"/> for a label, with the NUL that the kernel gives back.</summary>
    public static byte[] Value(string label) => Encoding.UTF8.GetBytes(label + '\0');

    private static bool Look()
    {
        int fd = Sys.openat(Sys.AT_FDCWD, FileSystem, O.PATH | O.DIRECTORY);
        if (fd < 0)
            return false;
        using OwnedFd folder = new(fd);
        return Sys.fstatfs(folder.Value, out statfs_t system) == 0 && system.f_type == MAGIC.SELINUX_MAGIC;
    }
}

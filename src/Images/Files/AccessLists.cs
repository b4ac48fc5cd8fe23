using Rundlet.Linux;
using Rundlet.Syscalls;

namespace Rundlet.Images.Files;

/// <summary>
/// POSIX access lists (acl(5)). A folder's default list goes over to everything that is made in it, whatever mode that asks for: where
/// files must be just as a layer has them, no folder above may have one while they are made.
/// </summary>
public static class AccessLists
{
    /// <summary>The attribute of a folder's default list.</summary>
    internal const string Default = "system.posix_acl_default";

    private const string Access = "system.posix_acl_access";

    /// <summary>Takes away what a folder got from the one that it was made in; its mode stays.</summary>
    /// <param name="folder">An fd, not <c>O_PATH</c>.</param>
    /// <param name="subject">What to call it in an error.</param>
    /// <exception cref="LinuxException">The kernel refused.</exception>
    public static void Drop(int folder, string subject)
    {
        Remove(folder, Default, subject);
        Remove(folder, Access, subject);
    }

    private static void Remove(int folder, string name, string subject)
    {
        int answer = Sys.fremovexattr(folder, name);
        if (!Sys.Is(answer, Errno.ENODATA) && !Sys.Is(answer, Errno.EOPNOTSUPP))
            LinuxException.ThrowIfError(answer, "remove access list of", subject);
    }
}

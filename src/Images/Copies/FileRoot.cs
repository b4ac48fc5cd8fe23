using Rundlet.Syscalls;

namespace Rundlet.Images.Copies;

/// <summary>A root file system, and what may be done in it.</summary>
/// <param name="Fd">An <c>O_PATH</c> fd of the root; stays the caller's.</param>
/// <param name="Whose">Whose it is, for messages: <c>container 'web'</c>.</param>
public sealed record FileRoot(int Fd, string Whose)
{
    /// <summary>Whether nothing that is done there may come out of the root, whoever changes it meanwhile.</summary>
    public bool IsForeign { get; init; }

    /// <summary>
    /// Known mounts beneath by their ids: true for those that are entered when a folder is copied, false for those that are left out without
    /// a word. Others are left out, and that is told. Null enters all.
    /// </summary>
    public IReadOnlyDictionary<ulong, bool>? Mounts { get; init; }

    /// <summary>From the ids that files there have to those that people see.</summary>
    public CopyIds Seen { get; init; } = CopyIds.Same;

    /// <summary>From the ids that people mean to those that files there get.</summary>
    public CopyIds Meant { get; init; } = CopyIds.Same;

    internal int Open(byte[] path, int flags)
    {
        if (!IsForeign)
            return Sys.openat(Fd, path, flags);
        while (true)
        {
            int answer = Sys.openat2(Fd, path, (ulong)flags, RESOLVE.IN_ROOT | RESOLVE.NO_MAGICLINKS);
            if (!Sys.Is(answer, Errno.EAGAIN)) // a race with some rename on the machine could not be ruled out
                return answer;
        }
    }
}

using Rundlet.Images.Files;
using Rundlet.Linux;
using Rundlet.Syscalls;

namespace Rundlet.Engine.Lifecycle;

/// <summary>Folders of containers, by fd beneath their parent.</summary>
internal static class Folders
{
    /// <summary>Removes a folder with all in it, without following a link; one that is gone is fine.</summary>
    public static void Remove(string parent, string name)
    {
        int answer = Sys.openat(Sys.AT_FDCWD, parent, O.PATH | O.DIRECTORY);
        if (Sys.Is(answer, Errno.ENOENT))
            return;
        using OwnedFd folder = OwnedFd.FromAnswer(answer, "open", parent);
        TreeRemover.Remove(folder.Value, name);
    }

    /// <summary>The names in a folder.</summary>
    public static List<string> Names(string path) => [.. Directory.EnumerateDirectories(path).Select(Path.GetFileName).OfType<string>()];

    /// <summary>Replaces a file of a container; it appears whole or not at all.</summary>
    public static void Write(string folder, string name, ReadOnlySpan<byte> bytes, bool durable = false)
    {
        using OwnedFd fd = FileIo.Open(Sys.AT_FDCWD, folder, O.RDONLY | O.DIRECTORY);
        FileIo.Replace(fd.Value, name, bytes, 0x180 /* 0600 */, durable);
    }
}

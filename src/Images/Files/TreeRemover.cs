using System.Text;
using Rundlet.Linux;
using Rundlet.Syscalls;

namespace Rundlet.Images.Files;

/// <summary>
/// Removes a file or a whole folder by fd: never follows a link, never enters a mount, and needs neither the stack nor an fd for each
/// level. A folder that lies too deep is first moved up, next to the top.
/// </summary>
public static class TreeRemover
{
    private const int MaxDepth = 48;

    private sealed record Frame(OwnedFd Folder, byte[] Name)
    {
        public Stack<byte[]> Folders { get; } = [];
    }

    /// <summary>Removes <paramref name="name"/> from a folder, with everything in it.</summary>
    /// <param name="parent">An fd of the folder.</param>
    /// <param name="name">One component.</param>
    /// <returns>False when there was nothing of that name.</returns>
    /// <exception cref="LinuxException">The kernel refused; what could be removed before is gone. <c>EBUSY</c>: something is mounted inside.</exception>
    public static bool Remove(int parent, byte[] name)
    {
        int answer = Sys.unlinkat(parent, name, 0);
        if (Sys.Is(answer, Errno.ENOENT))
            return false;
        if (answer >= 0)
            return true;
        if (!Sys.Is(answer, Errno.EISDIR))
            LinuxException.ThrowIfError(answer, "remove", ByteText.Show(name));
        RemoveFolder(parent, name);
        return true;
    }

    /// <inheritdoc cref="Remove(int, byte[])"/>
    public static bool Remove(int parent, string name) => Remove(parent, Encoding.UTF8.GetBytes(name));

    /// <summary>Like <see cref="Remove(int, string)"/>, for clean-up where another error is on its way already.</summary>
    /// <returns>The error, or null when nothing of that name is left.</returns>
    public static LinuxException? TryRemove(int parent, string name)
    {
        try
        {
            Remove(parent, name);
            return null;
        }
        catch (LinuxException error)
        {
            return error;
        }
    }

    private static void RemoveFolder(int parent, byte[] name)
    {
        var stack = new Stack<Frame>();
        int hoisted = 0;
        byte[] buffer = new byte[32 << 10];
        Frame top = Enter(parent, name, buffer);
        stack.Push(top);
        try
        {
            while (stack.Count > 0)
            {
                Frame frame = stack.Peek();
                if (frame.Folders.TryPop(out byte[]? child))
                {
                    if (stack.Count < MaxDepth)
                        stack.Push(Enter(frame.Folder.Value, child, buffer));
                    else
                        Hoist(frame, child, top, ref hoisted);
                    continue;
                }
                stack.Pop();
                frame.Folder.Dispose();
                int holder = stack.TryPeek(out Frame? above) ? above.Folder.Value : parent;
                LinuxException.ThrowIfError(Sys.unlinkat(holder, frame.Name, AT.REMOVEDIR), "remove folder", ByteText.Show(frame.Name));
            }
        }
        finally
        {
            foreach (Frame frame in stack)
                frame.Folder.Dispose();
        }
    }

    /// <summary>Opens a folder, removes its files and notes its folders.</summary>
    private static Frame Enter(int parent, byte[] name, byte[] buffer)
    {
        string subject = ByteText.Show(name);
        int answer = Sys.openat2(parent, name, (ulong)(O.RDONLY | O.DIRECTORY | O.NOFOLLOW), RESOLVE.BENEATH | RESOLVE.NO_SYMLINKS | RESOLVE.NO_XDEV);
        var frame = new Frame(OwnedFd.FromAnswer(answer, "open folder", subject), name);
        try
        {
            while (FolderReader.ReadSome(frame.Folder.Value, buffer, subject) is { Count: > 0 } items)
            {
                foreach (FolderReader.Item item in items)
                    RemoveOrNote(frame, item);
            }
            return frame;
        }
        catch (LinuxException)
        {
            frame.Folder.Dispose();
            throw;
        }
    }

    private static void RemoveOrNote(Frame frame, FolderReader.Item item)
    {
        if (item.Type == FolderReader.TypeFolder)
        {
            frame.Folders.Push(item.Name);
            return;
        }
        int answer = Sys.unlinkat(frame.Folder.Value, item.Name, 0);
        if (Sys.Is(answer, Errno.EISDIR))
            frame.Folders.Push(item.Name);
        else if (!Sys.Is(answer, Errno.ENOENT))
            LinuxException.ThrowIfError(answer, "remove", ByteText.Show(item.Name));
    }

    private static void Hoist(Frame frame, byte[] child, Frame top, ref int hoisted)
    {
        while (true)
        {
            byte[] name = Encoding.ASCII.GetBytes($".hoisted-{hoisted++}");
            int answer = Sys.renameat2(frame.Folder.Value, child, top.Folder.Value, name, RENAME.NOREPLACE);
            if (Sys.Is(answer, Errno.EEXIST))
                continue;
            LinuxException.ThrowIfError(answer, "move up", ByteText.Show(child));
            top.Folders.Push(name);
            return;
        }
    }
}

using System.Text;
using Rundlet.Linux;
using Rundlet.Syscalls;

namespace Rundlet.Images.Copies;

/// <summary>
/// Copies a file or a folder from one root to another by docker's rules:
/// <code>
/// the target is          source is a file                     source is a folder
/// not there              made, under that name; not where     made, under that name
///                        the target ends in a slash
/// a file                 replaced                             refused
/// a folder               put into it                          put into it; of SOURCE/. its content
/// </code>
/// A link at the end of the target is followed, also to where nothing is yet; one at the end of the source only where it is asked for.
/// </summary>
public static class FileCopy
{
    /// <summary>Copies.</summary>
    /// <param name="from">Where it lies.</param>
    /// <param name="source">Its path.</param>
    /// <param name="to">Where it goes.</param>
    /// <param name="target">The path there.</param>
    /// <param name="options">How.</param>
    /// <param name="notes">Is told.</param>
    /// <param name="cancel">Ends it; what is not whole is taken back.</param>
    /// <exception cref="ContainerException">Why not.</exception>
    /// <exception cref="OperationCanceledException">It was cancelled.</exception>
    public static void Run(FileRoot from, string source, FileRoot to, string target, CopyOptions options, CopyNotes notes, CancellationToken cancel) => Told(source, () =>
    {
        using FilePlace place = FindSource(from, source, options.Follow), goal = FilePlace.Find(to, target, follow: true);
        byte[] name = NameAt(place, CopyPath.NameOf(source), goal, target);
        using OwnedFd file = place.Open();
        using OwnedFd into = OwnedFd.FromAnswer(Sys.openat(goal.Folder, goal.IsFolder ? goal.Name : "."u8.ToArray(), O.PATH | O.DIRECTORY | O.NOFOLLOW), "open folder", target);
        CopyIds ids = (options.Owner ?? from.Seen).Then(to.Meant);
        using var receiver = new FolderReceiver(new CopyScope(into.Value, to.Whose), notes);
        Undone(receiver, () => TreeSender.Send(file.Value, name, receiver, ids, from.Mounts, notes, cancel));
    });

    /// <summary>Writes an archive of a file or folder.</summary>
    /// <param name="archive">Gets it.</param>
    /// <inheritdoc cref="Run" path="/param"/>
    /// <inheritdoc cref="Run" path="/exception"/>
    public static void Pack(FileRoot from, string source, Stream archive, CopyOptions options, CopyNotes notes, CancellationToken cancel) => Told(source, () =>
    {
        using FilePlace place = FindSource(from, source, options.Follow);
        using OwnedFd file = place.Open();
        TreeSender.Send(file.Value, Encoding.UTF8.GetBytes(CopyPath.NameOf(source)), new ArchiveReceiver(archive, notes), from.Seen, from.Mounts, notes, cancel);
    });

    /// <summary>Unpacks an archive into a folder that is there. Links on the way are followed as a process there would.</summary>
    /// <param name="archive">The archive, which may be packed with gzip or zstd.</param>
    /// <inheritdoc cref="Run" path="/param"/>
    /// <inheritdoc cref="Run" path="/exception"/>
    public static void Unpack(Stream archive, FileRoot to, string target, CopyNotes notes, CancellationToken cancel) => Told(target, () =>
    {
        using FilePlace goal = FilePlace.Find(to, target, follow: true);
        if (!goal.IsFolder)
            throw new ContainerException(ContainerErrorKind.InvalidArgument, $"destination '{target}' in {to.Whose} must be a directory");
        using OwnedFd into = OwnedFd.FromAnswer(Sys.openat(goal.Folder, goal.Name, O.PATH | O.DIRECTORY | O.NOFOLLOW), "open folder", target);
        byte[] path = goal.Name.AsSpan().SequenceEqual("."u8) ? goal.Path : [.. goal.Path, .. goal.Path.Length == 0 ? ""u8 : "/"u8, .. goal.Name];
        using var receiver = new FolderReceiver(new CopyScope(into.Value, to.Whose) { Root = to.Fd, Path = path }, notes);
        Undone(receiver, () => receiver.AddArchive(archive, to.Meant, cancel));
    });

    private static FilePlace FindSource(FileRoot from, string source, bool follow)
    {
        FilePlace place = FilePlace.Find(from, source, follow);
        if (place.Exists && (place.IsFolder || !FilePlace.AsksForFolder(source)))
            return place;
        bool exists = place.Exists;
        place.Dispose();
        throw exists
            ? new ContainerException(ContainerErrorKind.InvalidArgument, $"'{source}' in {from.Whose} is not a directory")
            : new ContainerException(ContainerErrorKind.NotFound, $"could not find the file '{source}' in {from.Whose}");
    }

    /// <summary>What the copy is called in the folder that it is made in.</summary>
    private static byte[] NameAt(FilePlace source, string name, FilePlace goal, string target)
    {
        if (goal.IsFolder)
            return Encoding.UTF8.GetBytes(name);
        if (goal.Exists && source.IsFolder)
            throw new ContainerException(ContainerErrorKind.Conflict, $"cannot copy a directory to '{target}' in {goal.Root.Whose}, which is a file");
        if (goal.Exists && goal.Type != S.IFREG)
            throw new ContainerException(ContainerErrorKind.Conflict, $"destination '{target}' in {goal.Root.Whose} must be a directory or a regular file");
        if (!source.IsFolder && FilePlace.AsksForFolder(target))
            throw new ContainerException(goal.Exists ? ContainerErrorKind.Conflict : ContainerErrorKind.NotFound, $"no such directory '{target}' in {goal.Root.Whose}");
        return goal.Name;
    }

    private static void Told(string path, Action work)
    {
        try
        {
            work();
        }
        catch (LinuxException error) when (error.Errno is Errno.ENOENT or Errno.ENOTDIR or Errno.ELOOP or Errno.ESTALE)
        {
            throw new ContainerException(ContainerErrorKind.Conflict, $"'{path}' was changed by somebody while it was copied", error) { Hint = "copy again" };
        }
        catch (LinuxException error)
        {
            throw new ContainerException(ContainerErrorKind.Internal, $"copy '{path}'", error);
        }
    }

    private static void Undone(FolderReceiver receiver, Action work)
    {
        try
        {
            work();
        }
        catch
        {
            receiver.Undo();
            throw;
        }
    }
}

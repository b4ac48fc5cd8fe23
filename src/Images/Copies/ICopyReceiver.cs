using Rundlet.Images.Tar;

namespace Rundlet.Images.Copies;

/// <summary>Where copied files go: into a folder, or into an archive.</summary>
public interface ICopyReceiver
{
    /// <summary>Takes one file. Folders come before what is in them, and the first name of a file before its others.</summary>
    /// <param name="entry">What it is; a regular file's size is that of its content.</param>
    /// <param name="content">A regular file's content; else null.</param>
    /// <exception cref="Linux.ContainerException">It cannot be taken: says which and why.</exception>
    void Add(TarEntry entry, FileContent? content);

    /// <summary>There are no more.</summary>
    void Finish();
}

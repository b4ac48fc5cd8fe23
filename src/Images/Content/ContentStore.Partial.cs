using System.Text;
using Rundlet.Images.Files;
using Rundlet.Images.References;
using Rundlet.Linux;
using Rundlet.Oci;
using Rundlet.Syscalls;

namespace Rundlet.Images.Content;

public sealed partial class ContentStore
{
    private static ReadOnlySpan<byte> PartialPrefix => "part-"u8;

    /// <summary>Begins to write a blob of a known digest, or goes on where a writer that is gone left off.</summary>
    /// <param name="digest">What it will be.</param>
    /// <param name="lease">As for <see cref="Create"/>.</param>
    /// <returns>Null while another writer, here or in another process, is at this blob.</returns>
    /// <exception cref="LinuxException">The kernel refused.</exception>
    public BlobWriter? TryResume(Digest digest, IImageLease? lease = null)
    {
        string name = PartialName(digest);
        while (true)
        {
            OwnedFd file = FileIo.Open(_ingest.Value, name, O.RDWR | O.CREAT | O.NOFOLLOW, FileModes.PrivateFile);
            if (!StoreFolder.TryLock(file.Value, name))
            {
                file.Dispose();
                return null;
            }
            if (StoreFolder.IsStill(_ingest.Value, name, file.Value))
                return new BlobWriter(this, name, file, digest, lease);
            file.Dispose(); // finished or removed before it was locked
        }
    }

    /// <summary>Removes what writers that are gone left behind, except what the next one can go on with.</summary>
    /// <returns>How many files were removed.</returns>
    /// <exception cref="LinuxException">The kernel refused.</exception>
    public int Reconcile() => RemoveLeftovers(partial: false, out _);

    /// <summary>Removes everything that writers that are gone left behind.</summary>
    /// <returns>How many bytes that were.</returns>
    /// <exception cref="LinuxException">The kernel refused.</exception>
    public long RemovePartial()
    {
        RemoveLeftovers(partial: true, out long bytes);
        return bytes;
    }

    /// <summary>Puts a blob out of sight in one step; whoever has it open keeps it.</summary>
    /// <returns>What to give to <see cref="RemoveHidden"/>; null when there was no such blob.</returns>
    internal string? Hide(Digest digest)
    {
        string gone = StoreFolder.RandomName();
        int answer = Sys.renameat2(FolderOf(digest), digest.Hex, _ingest.Value, gone, RENAME.NOREPLACE);
        if (Sys.Is(answer, Errno.ENOENT))
            return null;
        LinuxException.ThrowIfError(answer, "remove blob", digest.ToString());
        return gone;
    }

    /// <summary>Removes the bytes of a blob that is out of sight.</summary>
    internal void RemoveHidden(string gone) => TreeRemover.Remove(_ingest.Value, gone);

    private int RemoveLeftovers(bool partial, out long bytes)
    {
        using OwnedFd folder = FileIo.Open(_ingest.Value, ".", O.RDONLY | O.DIRECTORY);
        int removed = 0;
        bytes = 0;
        foreach (FolderReader.Item item in FolderReader.ReadAll(folder.Value, "ingest"))
        {
            if (!partial && item.Name.AsSpan().StartsWith(PartialPrefix))
                continue;
            string name = ByteText.Show(item.Name);
            int answer = Sys.openat(_ingest.Value, item.Name, O.RDONLY | O.NOFOLLOW | O.NONBLOCK);
            if (Sys.Is(answer, Errno.ENOENT))
                continue; // its writer has just finished
            using OwnedFd file = OwnedFd.FromAnswer(answer, "open", name);
            LinuxException.ThrowIfError(Sys.statx(file.Value, "", AT.EMPTY_PATH, STATX.SIZE, out statx_t stat), "stat", name);
            if (!StoreFolder.TryLock(file.Value, name) || !TreeRemover.Remove(_ingest.Value, item.Name))
                continue;
            removed++;
            bytes += (long)stat.stx_size;
        }
        return removed;
    }

    private static string PartialName(Digest digest) => $"{Encoding.ASCII.GetString(PartialPrefix)}{digest.Algorithm}-{digest.Hex}";
}

using Rundlet.Images.Files;
using Rundlet.Linux;
using Rundlet.Oci;
using Rundlet.Syscalls;

namespace Rundlet.Images.Content;

/// <summary>
/// Bytes by their digest. A blob is there whole and verified, or it is not there:
/// <code>
/// blobs/ingest/RANDOM   being written, hashed on the way, locked (flock) by its writer
///    │ fsync, rename, fsync of the folder
///    ▼
/// blobs/sha256/HEX      for good, read only
/// </code>
/// Any number of processes may use one store at once.
/// </summary>
public sealed class ContentStore : IDisposable
{
    private readonly OwnedFd _ingest;
    private readonly OwnedFd _blobs;

    /// <summary>Opens the store in a folder, and makes what is missing of it.</summary>
    /// <param name="root">An fd of the folder in which <c>blobs</c> lies.</param>
    /// <exception cref="LinuxException">The kernel refused.</exception>
    public ContentStore(int root)
    {
        using OwnedFd folder = StoreFolder.Ensure(root, "blobs");
        _ingest = StoreFolder.Ensure(folder.Value, "ingest");
        _blobs = StoreFolder.Ensure(folder.Value, "sha256");
    }

    /// <summary>Whether the blob is there.</summary>
    /// <exception cref="LinuxException">The kernel refused.</exception>
    public bool Has(Digest digest) => SizeOf(digest) >= 0;

    /// <summary>How long the blob is, in bytes; −1 when it is not there.</summary>
    /// <exception cref="LinuxException">The kernel refused.</exception>
    public long SizeOf(Digest digest)
    {
        if (digest.Algorithm != "sha256")
            return -1;
        int answer = Sys.statx(_blobs.Value, digest.Hex, AT.SYMLINK_NOFOLLOW, STATX.TYPE | STATX.SIZE, out statx_t stat);
        if (Sys.Is(answer, Errno.ENOENT))
            return -1;
        LinuxException.ThrowIfError(answer, "stat blob", digest.ToString());
        return (stat.stx_mode & S.IFMT) == S.IFREG ? (long)stat.stx_size : -1;
    }

    /// <summary>Opens a blob for reading. The stream can seek, and does not notice a later <see cref="Delete"/>.</summary>
    /// <param name="digest">Its name.</param>
    /// <param name="size">How long it must be, in bytes; negative where nobody said.</param>
    /// <exception cref="ContainerException">
    /// <see cref="ContainerErrorKind.NotFound"/>: it is not there; <see cref="ContainerErrorKind.Internal"/>: it has another size, so the
    /// store is damaged.
    /// </exception>
    /// <exception cref="LinuxException">The kernel refused.</exception>
    public Stream Open(Digest digest, long size = -1)
    {
        long found = SizeOf(digest);
        if (found < 0)
            throw new ContainerException(ContainerErrorKind.NotFound, $"no such blob '{digest}'");
        if (size >= 0 && found != size)
            throw new ContainerException(ContainerErrorKind.Internal, $"blob '{digest}' has {found} bytes, not {size}: the store is damaged");
        return new FdStream(FileIo.Open(_blobs.Value, digest.Hex, O.RDONLY | O.NOFOLLOW), digest.ToString());
    }

    /// <summary>Reads a small blob whole.</summary>
    /// <param name="digest">Its name.</param>
    /// <param name="size">How long it must be, in bytes; negative where nobody said.</param>
    /// <param name="limit">The most to accept, in bytes.</param>
    /// <inheritdoc cref="Open" path="/exception"/>
    public byte[] ReadAll(Digest digest, long size, int limit)
    {
        using Stream blob = Open(digest, size);
        if (blob.Length > limit)
            throw new ContainerException(ContainerErrorKind.InvalidArgument, $"blob '{digest}' is longer than {limit} bytes");
        byte[] bytes = new byte[blob.Length];
        blob.ReadExactly(bytes);
        return bytes;
    }

    /// <summary>Begins to write a blob.</summary>
    /// <exception cref="LinuxException">The kernel refused.</exception>
    public BlobWriter Create()
    {
        while (true)
        {
            string name = StoreFolder.RandomName();
            OwnedFd file = FileIo.Open(_ingest.Value, name, O.WRONLY | O.CREAT | O.EXCL | O.NOFOLLOW, FileModes.PrivateFile);
            StoreFolder.Lock(file.Value, LOCK.EX, name);
            if (StoreFolder.IsStill(_ingest.Value, name, file.Value))
                return new BlobWriter(this, name, file);
            file.Dispose(); // a reconcile took it for a leftover before it was locked
        }
    }

    /// <summary>Stores a small content.</summary>
    /// <exception cref="LinuxException">The kernel refused.</exception>
    public Digest Add(ReadOnlySpan<byte> content)
    {
        using BlobWriter writer = Create();
        writer.Write(content);
        return writer.Commit();
    }

    /// <summary>Removes a blob; false when it was not there.</summary>
    /// <exception cref="LinuxException">The kernel refused.</exception>
    public bool Delete(Digest digest)
    {
        int answer = Sys.unlinkat(_blobs.Value, digest.Hex, 0);
        if (Sys.Is(answer, Errno.ENOENT))
            return false;
        LinuxException.ThrowIfError(answer, "remove blob", digest.ToString());
        return true;
    }

    /// <summary>The digests of all blobs, in no order.</summary>
    /// <exception cref="LinuxException">The kernel refused.</exception>
    public IReadOnlyList<Digest> List()
    {
        using OwnedFd folder = FileIo.Open(_blobs.Value, ".", O.RDONLY | O.DIRECTORY);
        List<Digest> digests = [];
        foreach (FolderReader.Item item in FolderReader.ReadAll(folder.Value, "blobs"))
        {
            if (Digest.TryParse("sha256:" + System.Text.Encoding.ASCII.GetString(item.Name), out Digest digest))
                digests.Add(digest);
        }
        return digests;
    }

    /// <summary>Removes what writers that are gone left behind.</summary>
    /// <returns>How many files were removed.</returns>
    /// <exception cref="LinuxException">The kernel refused.</exception>
    public int Reconcile()
    {
        using OwnedFd folder = FileIo.Open(_ingest.Value, ".", O.RDONLY | O.DIRECTORY);
        int removed = 0;
        foreach (FolderReader.Item item in FolderReader.ReadAll(folder.Value, "ingest"))
        {
            int answer = Sys.openat(_ingest.Value, item.Name, O.RDONLY | O.NOFOLLOW | O.NONBLOCK);
            if (Sys.Is(answer, Errno.ENOENT))
                continue; // its writer has just finished
            using OwnedFd file = OwnedFd.FromAnswer(answer, "open", ByteText.Show(item.Name));
            if (StoreFolder.TryLock(file.Value, ByteText.Show(item.Name)) && TreeRemover.Remove(_ingest.Value, item.Name))
                removed++;
        }
        return removed;
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _ingest.Dispose();
        _blobs.Dispose();
    }

    internal void Publish(int file, string name, Digest digest)
    {
        LinuxException.ThrowIfError(Sys.fsync(file), "fsync", name);
        LinuxException.ThrowIfError(Sys.renameat2(_ingest.Value, name, _blobs.Value, digest.Hex, 0), "rename", name);
        LinuxException.ThrowIfError(Sys.fsync(_blobs.Value), "fsync folder of", digest.Hex);
    }

    internal void Abandon(string name) =>
        _ = Sys.unlinkat(_ingest.Value, name, 0); // ignored: what stays is a leftover for Reconcile
}

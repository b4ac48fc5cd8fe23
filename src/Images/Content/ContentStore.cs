using Rundlet.Images.Files;
using Rundlet.Images.References;
using Rundlet.Linux;
using Rundlet.Oci;
using Rundlet.Syscalls;

namespace Rundlet.Images.Content;

/// <summary>
/// Bytes by their digest. A blob is there whole and verified, or it is not there:
/// <code>
/// blobs/ingest/RANDOM        being written, hashed on the way, locked (flock) by its writer
/// blobs/ingest/part-ALG-HEX  the same, of a blob whose digest is known before; what a killed writer has is kept for the next one
///    │ fsync, rename, fsync of the folder
///    ▼
/// blobs/ALG/HEX              for good, read only
/// </code>
/// Any number of processes may use one store at once.
/// </summary>
public sealed partial class ContentStore : IDisposable
{
    private static readonly string[] s_algorithms = ["sha256", "sha512"];

    private readonly OwnedFd _ingest;
    private readonly OwnedFd[] _blobs;

    /// <summary>Opens the store in a folder, and makes what is missing of it.</summary>
    /// <param name="root">An fd of the folder in which <c>blobs</c> lies.</param>
    /// <exception cref="LinuxException">The kernel refused.</exception>
    public ContentStore(int root)
    {
        using OwnedFd folder = StoreFolder.Ensure(root, "blobs");
        _ingest = StoreFolder.Ensure(folder.Value, "ingest");
        _blobs = [.. s_algorithms.Select(algorithm => StoreFolder.Ensure(folder.Value, algorithm))];
    }

    /// <summary>Whether the blob is there.</summary>
    /// <exception cref="LinuxException">The kernel refused.</exception>
    public bool Has(Digest digest) => SizeOf(digest) >= 0;

    /// <summary>How long the blob is, in bytes; −1 when it is not there.</summary>
    /// <exception cref="LinuxException">The kernel refused.</exception>
    public long SizeOf(Digest digest)
    {
        int answer = Sys.statx(FolderOf(digest), digest.Hex, AT.SYMLINK_NOFOLLOW, STATX.TYPE | STATX.SIZE, out statx_t stat);
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
            throw new ContainerException(ContainerErrorKind.NotFound, $"no such blob '{digest}'") { Hint = "rundlet system check --repair fetches what is missing" };
        if (size >= 0 && found != size)
        {
            throw new ContainerException(ContainerErrorKind.Internal, $"blob '{digest}' has {found} bytes, not {size}: the store is damaged")
            {
                Hint = "rundlet system check --repair fetches it again",
            };
        }
        return new FdStream(FileIo.Open(FolderOf(digest), digest.Hex, O.RDONLY | O.NOFOLLOW), digest.ToString());
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
    /// <param name="lease">Gets the blob before anybody can see it, so that it stays until an image has it; null when the caller has seen to that.</param>
    /// <param name="expected">What its digest must be; empty where that is known at its end only, then it is a sha256 digest.</param>
    /// <exception cref="LinuxException">The kernel refused.</exception>
    public BlobWriter Create(IImageLease? lease = null, Digest expected = default)
    {
        while (true)
        {
            string name = StoreFolder.RandomName();
            OwnedFd file = FileIo.Open(_ingest.Value, name, O.RDWR | O.CREAT | O.EXCL | O.NOFOLLOW, FileModes.PrivateFile);
            StoreFolder.Lock(file.Value, LOCK.EX, name);
            if (StoreFolder.IsStill(_ingest.Value, name, file.Value))
                return new BlobWriter(this, name, file, expected, lease);
            file.Dispose(); // a reconcile took it for a leftover before it was locked
        }
    }

    /// <summary>Stores a small content.</summary>
    /// <param name="content">The bytes.</param>
    /// <param name="lease">As for <see cref="Create"/>.</param>
    /// <exception cref="LinuxException">The kernel refused.</exception>
    public Digest Add(ReadOnlySpan<byte> content, IImageLease? lease = null)
    {
        using BlobWriter writer = Create(lease);
        writer.Write(content);
        return writer.Commit();
    }

    /// <summary>Removes a blob; false when it was not there.</summary>
    /// <exception cref="LinuxException">The kernel refused.</exception>
    public bool Delete(Digest digest)
    {
        int answer = Sys.unlinkat(FolderOf(digest), digest.Hex, 0);
        if (Sys.Is(answer, Errno.ENOENT))
            return false;
        LinuxException.ThrowIfError(answer, "remove blob", digest.ToString());
        return true;
    }

    /// <summary>The digests of all blobs, in no order.</summary>
    /// <exception cref="LinuxException">The kernel refused.</exception>
    public IReadOnlyList<Digest> List()
    {
        List<Digest> digests = [];
        for (int i = 0; i < s_algorithms.Length; i++)
        {
            using OwnedFd folder = FileIo.Open(_blobs[i].Value, ".", O.RDONLY | O.DIRECTORY);
            foreach (FolderReader.Item item in FolderReader.ReadAll(folder.Value, "blobs"))
            {
                if (Digest.TryParse($"{s_algorithms[i]}:{System.Text.Encoding.ASCII.GetString(item.Name)}", out Digest digest))
                    digests.Add(digest);
            }
        }
        return digests;
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _ingest.Dispose();
        foreach (OwnedFd folder in _blobs)
            folder.Dispose();
    }

    /// <summary>Renames a blob into sight. The caller sees to it that its bytes are on the disk before, and the folder after.</summary>
    internal void Publish(string name, Digest digest) =>
        LinuxException.ThrowIfError(Sys.renameat2(_ingest.Value, name, FolderOf(digest), digest.Hex, 0), "rename", name);

    /// <summary>Makes the names of blobs of one algorithm survive a power cut.</summary>
    internal void FlushNames(Digest digest) => LinuxException.ThrowIfError(Sys.fsync(FolderOf(digest)), "fsync folder of", digest.Hex);

    internal void Abandon(string name) =>
        _ = Sys.unlinkat(_ingest.Value, name, 0); // ignored: what stays is a leftover for Reconcile

    private int FolderOf(Digest digest) => _blobs[digest.Algorithm == s_algorithms[0] ? 0 : 1].Value;
}

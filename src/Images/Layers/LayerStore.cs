using System.Text;
using Rundlet.Images.Files;
using Rundlet.Images.References;
using Rundlet.Linux;
using Rundlet.Oci;
using Rundlet.Syscalls;

namespace Rundlet.Images.Layers;

/// <summary>
/// Layers unpacked once, by chain id, in the form overlayfs wants. A layer is there whole, or it is not there:
/// <code>
/// layers/ingest/NAME/{fs,diff-id,size}   being unpacked, locked (flock) by whoever does it
///    │ syncfs, rename, fsync of the folder (of several layers together)
///    ▼
/// layers/CHAIN-ID/{fs,diff-id,size}      for good
/// </code>
/// NAME is the chain id where it is known before, so that two processes that need the same layer do the work once: the second waits
/// for the lock, and then finds the layer. The folders are open to root only, since layers hold set-uid files.
/// </summary>
public sealed class LayerStore : IDisposable
{
    private const string FilesName = "fs", DiffIdName = "diff-id", SizeName = "size";

    private readonly OwnedFd _layers;
    private readonly OwnedFd _ingest;

    /// <summary>Opens the store in a folder, and makes what is missing of it.</summary>
    /// <param name="root">An fd of the folder in which <c>layers</c> lies.</param>
    /// <exception cref="LinuxException">The kernel refused.</exception>
    public LayerStore(int root)
    {
        _layers = StoreFolder.Ensure(root, "layers");
        _ingest = StoreFolder.Ensure(_layers.Value, "ingest");
    }

    /// <summary>A layer, or null when it is not there.</summary>
    /// <exception cref="ContainerException"><see cref="ContainerErrorKind.Internal"/>: the store is damaged.</exception>
    /// <exception cref="LinuxException">The kernel refused.</exception>
    public Layer? TryGet(Digest chainId)
    {
        int answer = Sys.openat(_layers.Value, NameOf(chainId), O.PATH | O.DIRECTORY | O.NOFOLLOW);
        if (Sys.Is(answer, Errno.ENOENT))
            return null;
        using OwnedFd folder = OwnedFd.FromAnswer(answer, "open layer", chainId.ToString());
        string diffId = Encoding.ASCII.GetString(FileIo.ReadFile(folder.Value, DiffIdName));
        string size = Encoding.ASCII.GetString(FileIo.ReadFile(folder.Value, SizeName));
        if (Digest.TryParse(diffId, out Digest digest) && long.TryParse(size, out long bytes))
            return new Layer(chainId, digest, bytes);
        throw new ContainerException(ContainerErrorKind.Internal, $"layer '{chainId}' has damaged metadata");
    }

    /// <summary>Whether the layer is there: one look, nothing is read.</summary>
    /// <exception cref="LinuxException">The kernel refused.</exception>
    public bool Has(Digest chainId)
    {
        int answer = Sys.faccessat2(_layers.Value, NameOf(chainId), 0, 0);
        if (Sys.Is(answer, Errno.ENOENT))
            return false;
        LinuxException.ThrowIfError(answer, "look for layer", chainId.ToString());
        return true;
    }

    /// <summary>Bytes of file content in a layer; 0 when it is not there, or does not say.</summary>
    /// <exception cref="LinuxException">The kernel refused.</exception>
    public long SizeOf(Digest chainId)
    {
        try
        {
            return TryGet(chainId)?.Size ?? 0;
        }
        catch (Exception error) when (error is ContainerException or LinuxException { Errno: Errno.ENOENT })
        {
            return 0; // damaged; the check says so
        }
    }

    /// <summary>Opens the files of a layer: an <c>O_PATH</c> fd.</summary>
    /// <exception cref="ContainerException"><see cref="ContainerErrorKind.NotFound"/>: there is no such layer.</exception>
    /// <exception cref="LinuxException">The kernel refused.</exception>
    public OwnedFd OpenFiles(Digest chainId)
    {
        int answer = Sys.openat2(_layers.Value, PathOf(chainId), (ulong)(O.PATH | O.DIRECTORY), RESOLVE.BENEATH | RESOLVE.NO_SYMLINKS);
        if (Sys.Is(answer, Errno.ENOENT))
            throw new ContainerException(ContainerErrorKind.NotFound, $"no such layer '{chainId}'");
        return OwnedFd.FromAnswer(answer, "open layer", chainId.ToString());
    }

    /// <summary>Where the files of a layer are, relative to <see cref="Folder"/>.</summary>
    public static string PathOf(Digest chainId) => $"{NameOf(chainId)}/{FilesName}";

    /// <summary>An fd of the folder that holds all layers; stays the store's.</summary>
    public int Folder => _layers.Value;

    /// <summary>Begins to unpack a layer whose chain id is known; waits while another process does just that.</summary>
    /// <param name="chainId">Its name.</param>
    /// <param name="lease">Gets the layer before anybody can see it; null when the caller has seen to that.</param>
    /// <returns>Null when the layer is there (now).</returns>
    /// <exception cref="LinuxException">The kernel refused.</exception>
    public LayerIngest? Begin(Digest chainId, IImageLease? lease = null)
    {
        while (!Has(chainId))
        {
            if (TryBegin(NameOf(chainId), wait: true, lease) is not { } ingest)
                continue;
            if (!Has(chainId))
                return ingest;
            ingest.Dispose(); // finished between our look and our lock
        }
        return null;
    }

    /// <summary>Like <see cref="Begin(Digest, IImageLease?)"/>, but waits for nobody.</summary>
    /// <inheritdoc cref="Begin(Digest, IImageLease?)" path="/param"/>
    /// <returns>Null when the layer is there, or another one unpacks it just now: <see cref="Has"/> tells.</returns>
    /// <exception cref="LinuxException">The kernel refused.</exception>
    public LayerIngest? TryBegin(Digest chainId, IImageLease? lease = null)
    {
        if (Has(chainId) || TryBegin(NameOf(chainId), wait: false, lease) is not { } ingest)
            return null;
        if (!Has(chainId))
            return ingest;
        ingest.Dispose();
        return null;
    }

    /// <summary>Begins to unpack a layer whose chain id will be known at its end.</summary>
    /// <inheritdoc cref="Begin(Digest, IImageLease?)" path="/param"/>
    /// <exception cref="LinuxException">The kernel refused.</exception>
    public LayerIngest Begin(IImageLease? lease = null)
    {
        while (true)
        {
            if (TryBegin(StoreFolder.RandomName(), wait: true, lease) is { } ingest)
                return ingest;
        }
    }

    /// <summary>Removes a layer; false when it was not there. Nobody may be using it.</summary>
    /// <exception cref="LinuxException">The kernel refused.</exception>
    public bool Delete(Digest chainId)
    {
        if (Hide(chainId) is not { } gone)
            return false;
        RemoveHidden(gone);
        return true;
    }

    /// <summary>Puts a layer out of sight in one step, so that a crash leaves no half layer under its name.</summary>
    /// <returns>What to give to <see cref="RemoveHidden"/>; null when there was no such layer.</returns>
    internal string? Hide(Digest chainId)
    {
        string gone = StoreFolder.RandomName();
        int answer = Sys.renameat2(_layers.Value, NameOf(chainId), _ingest.Value, gone, RENAME.NOREPLACE);
        if (Sys.Is(answer, Errno.ENOENT))
            return null;
        LinuxException.ThrowIfError(answer, "remove layer", chainId.ToString());
        return gone;
    }

    /// <summary>Removes the files of a layer that is out of sight, unless somebody who reconciles is at it.</summary>
    internal void RemoveHidden(string gone) => RemoveLeftover(Encoding.ASCII.GetBytes(gone));

    /// <summary>The chain ids of all layers, in no order.</summary>
    /// <exception cref="LinuxException">The kernel refused.</exception>
    public IReadOnlyList<Digest> List()
    {
        using OwnedFd folder = FileIo.Open(_layers.Value, ".", O.RDONLY | O.DIRECTORY);
        List<Digest> chainIds = [];
        foreach (FolderReader.Item item in FolderReader.ReadAll(folder.Value, "layers"))
        {
            // A stack of one layer is called after its diff id, which may be of either kind; see NameOf.
            string name = Encoding.ASCII.GetString(item.Name);
            if (Digest.TryParse($"sha256:{name}", out Digest chainId) || Digest.TryParse($"sha512:{name}", out chainId))
                chainIds.Add(chainId);
        }
        return chainIds;
    }

    /// <summary>Removes what processes that are gone left behind.</summary>
    /// <returns>How many folders were removed.</returns>
    /// <exception cref="LinuxException">The kernel refused.</exception>
    public int Reconcile()
    {
        using OwnedFd ingest = FileIo.Open(_ingest.Value, ".", O.RDONLY | O.DIRECTORY);
        int removed = 0;
        foreach (FolderReader.Item item in FolderReader.ReadAll(ingest.Value, "ingest"))
        {
            if (RemoveLeftover(item.Name))
                removed++;
        }
        return removed;
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _ingest.Dispose();
        _layers.Dispose();
    }

    /// <summary>Removes everything in a folder of files.</summary>
    internal static void Clear(int files)
    {
        using OwnedFd folder = FileIo.Open(files, ".", O.RDONLY | O.DIRECTORY);
        foreach (FolderReader.Item item in FolderReader.ReadAll(folder.Value, FilesName))
            TreeRemover.Remove(files, item.Name);
    }

    /// <summary>Makes everything that was written so far survive a power cut.</summary>
    internal void Flush()
    {
        int answer = Sys.syncfs(_layers.Value);
        if (Sys.Is(answer, Errno.ENOSPC) || Sys.Is(answer, Errno.EDQUOT))
        {
            throw new ContainerException(ContainerErrorKind.Unavailable, "store layers", new LinuxException((Errno)(-answer), "syncfs", "layers"))
            {
                Hint = "free some space where images are kept, then try again",
            };
        }
        LinuxException.ThrowIfError(answer, "syncfs", "layers");
    }

    /// <summary>Makes the names of layers survive a power cut.</summary>
    internal void FlushNames() => LinuxException.ThrowIfError(Sys.fsync(_layers.Value), "fsync folder of", "layers");

    internal static void Describe(int folder, Layer layer)
    {
        FileIo.Replace(folder, DiffIdName, Encoding.ASCII.GetBytes(layer.DiffId.ToString()), FileModes.PrivateFile, durable: false);
        FileIo.Replace(folder, SizeName, Encoding.ASCII.GetBytes($"{layer.Size}"), FileModes.PrivateFile, durable: false);
    }

    /// <summary>True when the ingest folder became the layer, false when another one was there already.</summary>
    internal bool Publish(string name, Layer layer)
    {
        int answer = Sys.renameat2(_ingest.Value, name, _layers.Value, NameOf(layer.ChainId), RENAME.NOREPLACE);
        if (Sys.Is(answer, Errno.EEXIST))
            return false;
        LinuxException.ThrowIfError(answer, "rename layer", layer.ChainId.ToString());
        return true;
    }

    internal void Abandon(string name) =>
        _ = TreeRemover.TryRemove(_ingest.Value, name); // ignored: what stays is a leftover for Reconcile

    /// <summary>Removes a folder that nobody has locked; false when somebody has, or when it is gone.</summary>
    private bool RemoveLeftover(byte[] name)
    {
        int answer = Sys.openat(_ingest.Value, name, O.RDONLY | O.NOFOLLOW | O.NONBLOCK);
        if (Sys.Is(answer, Errno.ENOENT))
            return false; // its process has just finished
        using OwnedFd folder = OwnedFd.FromAnswer(answer, "open", ByteText.Show(name));
        return StoreFolder.TryLock(folder.Value, ByteText.Show(name)) && TreeRemover.Remove(_ingest.Value, name);
    }

    private LayerIngest? TryBegin(string name, bool wait, IImageLease? lease)
    {
        OwnedFd folder = StoreFolder.Ensure(_ingest.Value, name);
        try
        {
            if (wait)
                StoreFolder.Lock(folder.Value, LOCK.EX, name);
            if ((!wait && !StoreFolder.TryLock(folder.Value, name)) || !StoreFolder.IsStill(_ingest.Value, name, folder.Value))
            {
                folder.Dispose(); // finished, abandoned or reconciled while we waited; or busy
                return null;
            }
            TreeRemover.Remove(folder.Value, FilesName); // of one that crashed
            OwnedFd files = StoreFolder.Ensure(folder.Value, FilesName);
            // For layers that do not list their root; as "/" of a container it must be open to all its users.
            LinuxException.ThrowIfError(Sys.fchmod(files.Value, FileModes.PublicFolder), "change mode", name);
            return new LayerIngest(this, name, folder, files, lease);
        }
        catch (LinuxException)
        {
            folder.Dispose();
            throw;
        }
    }

    private static string NameOf(Digest chainId) => chainId.Hex;
}

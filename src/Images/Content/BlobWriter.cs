using System.Security.Cryptography;
using Rundlet.Linux;
using Rundlet.Oci;
using Rundlet.Syscalls;

namespace Rundlet.Images.Content;

/// <summary>
/// A blob on its way into the store: what is written is hashed and kept, and nobody sees it before <see cref="Commit"/>. Disposed
/// without that, it leaves nothing; after a crash <see cref="ContentStore.Reconcile"/> removes it, because its lock is gone.
/// </summary>
public sealed class BlobWriter : IDisposable
{
    private readonly ContentStore _store;
    private readonly string _name;
    private readonly OwnedFd _file;
    private readonly IncrementalHash _hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
    private bool _named = true;

    internal BlobWriter(ContentStore store, string name, OwnedFd file)
    {
        _store = store;
        _name = name;
        _file = file;
    }

    /// <summary>How many bytes were written.</summary>
    public long Length { get; private set; }

    /// <summary>Adds bytes.</summary>
    /// <exception cref="ContainerException"><see cref="ContainerErrorKind.Unavailable"/>: the disk is full.</exception>
    /// <exception cref="LinuxException">The kernel refused.</exception>
    public void Write(ReadOnlySpan<byte> bytes)
    {
        _hash.AppendData(bytes);
        try
        {
            FileIo.WriteAll(_file.Value, bytes, _name);
        }
        catch (LinuxException error) when (error.Errno is Errno.ENOSPC or Errno.EDQUOT)
        {
            throw new ContainerException(ContainerErrorKind.Unavailable, "store blob", error) { Hint = "free some space where images are kept, then try again" };
        }
        Length += bytes.Length;
    }

    /// <summary>Makes the blob visible, on the disk for good, under its digest.</summary>
    /// <param name="expected">What it must be; empty where nobody said.</param>
    /// <param name="size">How long it must be in bytes; negative where nobody said.</param>
    /// <exception cref="ContainerException"><see cref="ContainerErrorKind.InvalidArgument"/>: it is something else; nothing was stored.</exception>
    /// <exception cref="LinuxException">The kernel refused.</exception>
    public Digest Commit(Digest expected = default, long size = -1)
    {
        if (size >= 0 && Length != size)
            throw new ContainerException(ContainerErrorKind.InvalidArgument, $"blob '{expected}' has {Length} bytes, not {size}");
        if (!expected.IsEmpty && expected.Algorithm != "sha256")
            throw new ContainerException(ContainerErrorKind.Unsupported, $"blob '{expected}': only sha256 digests are kept");
        Digest digest = Digest.FromSha256(_hash.GetHashAndReset());
        if (!expected.IsEmpty && digest != expected)
            throw new ContainerException(ContainerErrorKind.InvalidArgument, $"blob '{expected}' has the digest '{digest}'");
        _store.Publish(_file.Value, _name, digest);
        _named = false;
        return digest;
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        if (_named)
            _store.Abandon(_name);
        _named = false;
        _file.Dispose();
        _hash.Dispose();
    }
}

using System.Security.Cryptography;
using Rundlet.Images.References;
using Rundlet.Linux;
using Rundlet.Oci;
using Rundlet.Syscalls;

namespace Rundlet.Images.Content;

/// <summary>
/// A blob on its way into the store: what is written is hashed and kept, and nobody sees it before <see cref="Commit"/>. Disposed
/// without that, it leaves nothing, unless <see cref="Keep"/> said that the next writer will go on; after a crash
/// <see cref="ContentStore.Reconcile"/> removes it, because its lock is gone.
/// </summary>
/// <remarks>
/// Of a blob whose digest was known, the bytes that an earlier writer left are read again first, see <see cref="Replay"/>: after a power cut
/// they may be any, and only the digest of all of them tells.
/// </remarks>
public sealed class BlobWriter : IDisposable
{
    private readonly ContentStore _store;
    private readonly string _name;
    private readonly OwnedFd _file;
    private readonly Digest _expected;
    private readonly IImageLease? _lease;
    private readonly IncrementalHash _hash;
    private long _kept;
    private bool _named = true;
    private bool _keep;

    internal BlobWriter(ContentStore store, string name, OwnedFd file, Digest expected, IImageLease? lease)
    {
        _store = store;
        _name = name;
        _file = file;
        _expected = expected;
        _lease = lease;
        _hash = IncrementalHash.CreateHash(!expected.IsEmpty && expected.Algorithm == "sha512" ? HashAlgorithmName.SHA512 : HashAlgorithmName.SHA256);
        LinuxException.ThrowIfError(Sys.statx(file.Value, "", AT.EMPTY_PATH, STATX.SIZE, out statx_t stat), "stat", name);
        _kept = (long)stat.stx_size;
    }

    /// <summary>How many bytes were hashed so far: replayed or written.</summary>
    public long Length { get; private set; }

    /// <summary>How many bytes an earlier writer left; they are replayed before anything is written.</summary>
    public long Kept => _kept;

    /// <summary>Reads on in what an earlier writer left.</summary>
    /// <returns>How many bytes; 0 when all of it was read.</returns>
    /// <exception cref="LinuxException">The kernel refused.</exception>
    public int Replay(Span<byte> buffer)
    {
        int want = (int)Math.Min(buffer.Length, _kept - Length);
        if (want <= 0)
            return 0;
        nint got;
        do
            got = Sys.pread(_file.Value, buffer[..want], Length);
        while (Sys.Is(got, Errno.EINTR));
        LinuxException.ThrowIfError(got, "read", _name);
        if (got == 0)
            throw new ContainerException(ContainerErrorKind.Internal, $"blob '{_expected}' became shorter while it was read");
        _hash.AppendData(buffer[..(int)got]);
        Length += got;
        return (int)got;
    }

    /// <summary>Forgets everything that was replayed or written: the next byte is the first.</summary>
    /// <exception cref="LinuxException">The kernel refused.</exception>
    public void Restart()
    {
        LinuxException.ThrowIfError(Sys.ftruncate(_file.Value, 0), "truncate", _name);
        _ = _hash.GetHashAndReset();
        (_kept, Length) = (0, 0);
    }

    /// <summary>Adds bytes.</summary>
    /// <exception cref="ContainerException"><see cref="ContainerErrorKind.Unavailable"/>: the disk is full.</exception>
    /// <exception cref="InvalidOperationException">Not all that was kept was replayed.</exception>
    /// <exception cref="LinuxException">The kernel refused.</exception>
    public void Write(ReadOnlySpan<byte> bytes)
    {
        if (Length < _kept)
            throw new InvalidOperationException("what an earlier writer left was not read");
        _hash.AppendData(bytes);
        while (!bytes.IsEmpty)
        {
            nint done = Sys.pwrite(_file.Value, bytes, Length);
            if (Sys.Is(done, Errno.EINTR))
                continue;
            if (Sys.Is(done, Errno.ENOSPC) || Sys.Is(done, Errno.EDQUOT))
                throw DiskFull(new LinuxException((Errno)(int)-done, "write", _name));
            LinuxException.ThrowIfError(done, "write", _name);
            Length += done;
            bytes = bytes[(int)done..];
        }
    }

    /// <summary>When this is disposed without being published, what was written stays for the next writer of this blob; of no use for one whose digest was not known.</summary>
    public void Keep() => _keep = !_expected.IsEmpty;

    /// <summary>Takes <see cref="Keep"/> back.</summary>
    public void Drop() => _keep = false;

    /// <summary>Checks that the blob is what it must be. Nothing is visible yet.</summary>
    /// <param name="expected">What it must be; empty where nobody said.</param>
    /// <param name="size">How long it must be in bytes; negative where nobody said.</param>
    /// <exception cref="ContainerException"><see cref="ContainerErrorKind.InvalidArgument"/>: it is something else; nothing will be kept.</exception>
    public Digest Verify(Digest expected = default, long size = -1)
    {
        if (expected.IsEmpty)
            expected = _expected;
        _keep = false;
        if (size >= 0 && Length != size)
            throw new ContainerException(ContainerErrorKind.InvalidArgument, $"blob '{expected}' has {Length} bytes, not {size}");
        byte[] hash = _hash.GetHashAndReset();
        Digest digest = hash.Length == SHA512.HashSizeInBytes ? Digest.FromSha512(hash) : Digest.FromSha256(hash);
        if (!expected.IsEmpty && digest != expected)
            throw new ContainerException(ContainerErrorKind.InvalidArgument, $"blob '{expected}' has the digest '{digest}'");
        return digest;
    }

    /// <summary>Makes the blob visible, on the disk for good, under its digest.</summary>
    /// <inheritdoc cref="Verify" path="/param"/>
    /// <inheritdoc cref="Verify" path="/exception"/>
    /// <exception cref="LinuxException">The kernel refused.</exception>
    public Digest Commit(Digest expected = default, long size = -1)
    {
        Digest digest = Verify(expected, size);
        int answer = Sys.fsync(_file.Value);
        if (Sys.Is(answer, Errno.ENOSPC) || Sys.Is(answer, Errno.EDQUOT))
            throw DiskFull(new LinuxException((Errno)(-answer), "fsync", _name));
        LinuxException.ThrowIfError(answer, "fsync", _name);
        Publish(digest);
        _store.FlushNames(digest);
        return digest;
    }

    /// <summary>Makes a verified blob visible whose bytes are on the disk already; its name is made to last by <see cref="ContentStore.FlushNames"/>.</summary>
    internal void Publish(Digest digest)
    {
        _lease?.Add([digest]);
        _store.Publish(_name, digest);
        _named = false;
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        if (_named && !_keep)
            _store.Abandon(_name);
        _named = false;
        _file.Dispose();
        _hash.Dispose();
    }

    private static ContainerException DiskFull(LinuxException error) =>
        new(ContainerErrorKind.Unavailable, "store blob", error) { Hint = "free some space where images are kept, then try again" };
}

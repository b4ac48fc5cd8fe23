using System.Security.Cryptography;
using System.Text;
using Rundlet.Images.Tar;
using Rundlet.Linux;
using Rundlet.Oci;

namespace Rundlet.Images.Archives;

/// <summary>The tar of an archive of images: all names are ours, all times 1970, so that the same images give the same bytes.</summary>
internal sealed class ArchiveTar(Stream target, CancellationToken cancel)
{
    private readonly TarWriter _tar = new(target);
    private readonly byte[] _buffer = GC.AllocateUninitializedArray<byte>(256 << 10);

    /// <summary>Adds a folder.</summary>
    public void AddFolder(string name) =>
        _tar.Begin(new TarEntry { Kind = TarEntryKind.Directory, Name = Encoding.ASCII.GetBytes(name), Mode = 0x1ed /* 0755 */ });

    /// <summary>Adds a small file.</summary>
    public void AddFile(string name, ReadOnlySpan<byte> content) => _tar.Write(File(name, content.Length), content);

    /// <summary>Adds a blob, and makes sure that it is what its digest says.</summary>
    /// <exception cref="ContainerException"><see cref="ContainerErrorKind.Internal"/>: it is damaged.</exception>
    public void AddBlob(string name, Stream content, Digest digest, long length)
    {
        using var hash = IncrementalHash.CreateHash(digest.Algorithm == "sha512" ? HashAlgorithmName.SHA512 : HashAlgorithmName.SHA256);
        _tar.Begin(File(name, length));
        while (content.Read(_buffer) is > 0 and var got)
        {
            cancel.ThrowIfCancellationRequested();
            hash.AppendData(_buffer, 0, got);
            _tar.WriteData(_buffer.AsSpan(0, got));
        }
        if (Convert.ToHexStringLower(hash.GetHashAndReset()) != digest.Hex)
        {
            throw new ContainerException(ContainerErrorKind.Internal, $"blob '{digest}' is damaged")
            {
                Hint = "rundlet system check --repair fetches it again",
            };
        }
    }

    /// <summary>Ends the archive.</summary>
    /// <exception cref="ContainerException">The last file was shorter than it should be.</exception>
    public void Finish() => _tar.Finish();

    private static TarEntry File(string name, long length) =>
        new() { Kind = TarEntryKind.Regular, Name = Encoding.ASCII.GetBytes(name), Size = length, Mode = 0x1a4 /* 0644 */ };
}

using System.Text;
using Rundlet.Images.Content;
using Rundlet.Images.References;
using Rundlet.Images.Tar;
using Rundlet.Images.Unpack;
using Rundlet.Linux;
using Rundlet.Oci;

namespace Rundlet.Images.Archives;

/// <summary>
/// Takes an archive of images in, once and forwards: what may be a blob goes into the store under a lease, what tells of the images is
/// kept in memory, links are remembered. Nothing of it is an image yet, and no name in it ever becomes a path.
/// </summary>
internal sealed class ArchiveIntake
{
    /// <summary>How many files an archive may have; Docker's have a handful for each layer.</summary>
    private const int MaxFiles = 100_000;

    /// <summary>How many blobs are open until they are flushed together.</summary>
    private const int MaxPending = 64;

    private const int MaxLinks = 16;

    private readonly ContentStore _content;
    private readonly PendingContents _pending;
    private readonly IImageLease _lease;
    private readonly CancellationToken _cancel;
    private readonly Dictionary<string, byte[]> _documents = new(StringComparer.Ordinal); // names as Latin 1
    private readonly Dictionary<string, Descriptor> _blobs = new(StringComparer.Ordinal);
    private readonly Dictionary<string, string> _links = new(StringComparer.Ordinal);
    private readonly HashSet<Digest> _stored = [];
    private int _waiting;

    /// <summary>Prepares.</summary>
    /// <param name="content">Where blobs go.</param>
    /// <param name="pending">Holds them until they are flushed; stays the caller's.</param>
    /// <param name="lease">Gets them.</param>
    /// <param name="cancel">Ends it.</param>
    public ArchiveIntake(ContentStore content, PendingContents pending, IImageLease lease, CancellationToken cancel)
    {
        _content = content;
        _pending = pending;
        _lease = lease;
        _cancel = cancel;
    }

    /// <summary>The blobs that were not here before.</summary>
    public IReadOnlyCollection<Digest> Stored => _stored;

    /// <summary>Whether there is such a file or link.</summary>
    public bool Has(string name) => _documents.ContainsKey(name) || _blobs.ContainsKey(name) || _links.ContainsKey(name);

    /// <summary>Reads the whole archive.</summary>
    /// <param name="tar">The archive, not packed.</param>
    /// <exception cref="ContainerException">
    /// <see cref="ContainerErrorKind.InvalidArgument"/>: damaged, or a blob is not what its name says; <see cref="ContainerErrorKind.Unavailable"/>:
    /// the disk is full.
    /// </exception>
    public void Read(Stream tar)
    {
        var reader = new TarReader(tar);
        for (int files = 0; reader.Next() is { } entry; files++)
        {
            _cancel.ThrowIfCancellationRequested();
            if (files == MaxFiles)
                throw TarFormatError.In(entry, $"the archive has more than {MaxFiles} files");
            string name = Encoding.Latin1.GetString(EntryPath.Parse(entry.Name, entry).Full);
            _documents.Remove(name);
            _blobs.Remove(name);
            _links.Remove(name);
            if (entry.Kind == TarEntryKind.SymbolicLink)
                _links[name] = TargetOf(name, entry);
            else if (entry.Kind == TarEntryKind.HardLink)
                _links[name] = Encoding.Latin1.GetString(EntryPath.Parse(entry.LinkName, entry).Full);
            else if (entry.Kind == TarEntryKind.Regular)
                Take(reader, entry, name);
            else if (entry.Kind != TarEntryKind.Directory)
                throw TarFormatError.In(entry, "is neither a file nor a folder nor a link");
        }
        reader.Drain();
        Flush();
    }

    /// <summary>A document that tells of the images; null when it is not there.</summary>
    public byte[]? TryDocument(string name) => _documents.GetValueOrDefault(Resolve(name));

    /// <summary>The blob that a name leads to: digest and size; the media type says nothing.</summary>
    /// <exception cref="ContainerException"><see cref="ContainerErrorKind.InvalidArgument"/>: there is none.</exception>
    public Descriptor Blob(string name) =>
        _blobs.GetValueOrDefault(Resolve(name))
        ?? throw new ContainerException(ContainerErrorKind.InvalidArgument, $"the archive has no file '{ByteText.Show(Encoding.Latin1.GetBytes(name))}'");

    private void Take(TarReader reader, TarEntry entry, string name)
    {
        if (name is "index.json" or "oci-layout" or DockerManifest.FileName)
            _documents[name] = reader.ReadAll(entry, ImageReader.MaxManifestBytes);
        else if (!name.StartsWith("blobs/", StringComparison.Ordinal))
            Store(reader, entry, name, default);
        else if (Digest.TryParse(name["blobs/".Length..].Replace('/', ':'), out Digest digest))
            Store(reader, entry, name, digest);
        else
            throw TarFormatError.In(entry, "a blob's name is its digest");
    }

    private void Store(TarReader reader, TarEntry entry, string name, Digest digest)
    {
        if (!digest.IsEmpty && IsHere(digest, entry.Size))
        {
            _blobs[name] = Describe(digest, entry.Size);
            return;
        }
        BlobWriter blob = _content.Create(_lease, digest);
        try
        {
            WriteTo(blob, reader, entry);
            digest = blob.Verify(digest, entry.Size);
            if (IsHere(digest, entry.Size) || !_stored.Add(digest))
            {
                blob.Dispose();
            }
            else
            {
                _pending.Add(blob, digest);
                if (++_waiting == MaxPending)
                    Flush();
            }
        }
        catch
        {
            blob.Dispose();
            throw;
        }
        _blobs[name] = Describe(digest, entry.Size);
    }

    private void WriteTo(BlobWriter blob, TarReader reader, TarEntry entry)
    {
        long end = 0;
        while (reader.ReadData(out long at) is { IsEmpty: false } piece)
        {
            _cancel.ThrowIfCancellationRequested();
            if (at != end)
                throw TarFormatError.In(entry, "is a file with holes");
            blob.Write(piece);
            end += piece.Length;
        }
    }

    /// <summary>First the lease, then the look: whoever removes blobs has done it by then, or leaves this one.</summary>
    private bool IsHere(Digest digest, long size)
    {
        _lease.Add([digest]);
        return _content.SizeOf(digest) == size;
    }

    private void Flush()
    {
        _pending.Publish();
        _waiting = 0;
    }

    private static Descriptor Describe(Digest digest, long size) => new() { MediaType = "", Digest = digest, Size = size };

    /// <summary>Where a link points within the archive.</summary>
    private static string TargetOf(string name, TarEntry entry)
    {
        string target = Encoding.Latin1.GetString(entry.LinkName);
        List<string> path = [.. name.Split('/').SkipLast(1)];
        foreach (string component in target.Split('/'))
        {
            if (component is "" or ".")
                continue;
            if (component != "..")
                path.Add(component);
            else if (path.Count > 0)
                path.RemoveAt(path.Count - 1);
            else
                throw TarFormatError.In(entry, $"links to '{ByteText.Show(entry.LinkName)}', out of the archive");
        }
        return target.StartsWith('/') ? throw TarFormatError.In(entry, $"links to '{ByteText.Show(entry.LinkName)}', out of the archive") : string.Join('/', path);
    }

    private string Resolve(string name)
    {
        for (int i = 0; i < MaxLinks && _links.TryGetValue(name, out string? target); i++)
            name = target;
        return name;
    }
}

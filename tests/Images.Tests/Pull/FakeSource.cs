using Rundlet.Images.Pull;
using Rundlet.Images.References;
using Rundlet.Images.Tests.Tar;
using Rundlet.Linux;
using Rundlet.Oci;

namespace Rundlet.Images.Tests.Pull;

/// <summary>A registry in memory that counts what it is asked, and can be made to fail.</summary>
internal sealed class FakeSource : IImageSource
{
    private readonly Dictionary<Digest, byte[]> _contents = [];
    private readonly Dictionary<string, Descriptor> _tags = [];

    /// <summary>Bytes of blobs that were given out.</summary>
    public long Served;

    /// <summary>How often a blob was opened.</summary>
    public int Opened;

    /// <summary>Changes the stream of a blob; gets the blob and the offset.</summary>
    public Func<Descriptor, long, Stream, Stream> Through { get; set; } = (_, _, stream) => stream;

    /// <summary>Whether blobs always begin at 0.</summary>
    public bool IgnoresOffset { get; set; }

    /// <summary>Adds an image and points a tag at it.</summary>
    public Descriptor Add(string tag, params byte[][] layers)
    {
        byte[] config = ImageWriter.ToBytes(new ImageConfig
        {
            Architecture = ImageStore.MachineArchitecture,
            Os = "linux",
            RootFs = new RootFs { Type = "layers", DiffIds = [.. layers.Select(layer => Digest.Of(layer))] },
        });
        var manifest = new ImageManifest
        {
            SchemaVersion = 2,
            MediaType = MediaTypes.Manifest,
            Config = Keep(config, MediaTypes.Config),
            Layers = [.. layers.Select(layer => Keep(layer, MediaTypes.Layer))],
        };
        return Tag(tag, Keep(ImageWriter.ToBytes(manifest), MediaTypes.Manifest));
    }

    /// <summary>Adds a document.</summary>
    public Descriptor Keep(byte[] content, string mediaType)
    {
        var descriptor = new Descriptor { MediaType = mediaType, Digest = Digest.Of(content), Size = content.Length };
        _contents[descriptor.Digest] = content;
        return descriptor;
    }

    /// <summary>Points a tag at a document.</summary>
    public Descriptor Tag(string tag, Descriptor target) => _tags[ImageReference.Parse(tag).ToString()] = target;

    public Task<Descriptor?> ResolveAsync(ImageReference reference, CancellationToken cancel) => Task.FromResult(_tags.GetValueOrDefault(reference.ToString()));

    public Task<(Descriptor Descriptor, byte[] Content)> GetDocumentAsync(ImageReference reference, CancellationToken cancel)
    {
        Descriptor descriptor = reference.Digest.IsEmpty
            ? _tags.GetValueOrDefault(reference.ToString()) ?? throw new ContainerException(ContainerErrorKind.NotFound, $"no such image '{reference.Familiar}'")
            : new Descriptor { MediaType = Kind(_contents[reference.Digest]), Digest = reference.Digest, Size = _contents[reference.Digest].Length };
        return Task.FromResult((descriptor, _contents[descriptor.Digest]));
    }

    public Task<(Stream Bytes, long Offset)> OpenBlobAsync(ImageReference repository, Descriptor blob, long offset, CancellationToken cancel)
    {
        Interlocked.Increment(ref Opened);
        long begin = IgnoresOffset ? 0 : offset;
        byte[] content = _contents[blob.Digest];
        Interlocked.Add(ref Served, content.Length - begin);
        return Task.FromResult((Through(blob, offset, new MemoryStream(content, (int)begin, content.Length - (int)begin)), begin));
    }

    private static string Kind(byte[] json) => ImageReader.DetectKind(json) == ManifestKind.Index ? MediaTypes.Index : MediaTypes.Manifest;

    /// <summary>A layer with one file of noise, different for each seed.</summary>
    public static byte[] Layer(int seed, int length = 400_000)
    {
        byte[] noise = new byte[length];
        new Random(seed).NextBytes(noise);
        return RawTar.New.Folder(".").Entry('0', $"file{seed}", content: noise).Ended;
    }
}

using Rundlet.Images.References;
using Rundlet.Images.Trust;
using Rundlet.Oci;

namespace Rundlet.Images.Tests.Trust;

/// <summary>Signatures of one image, without a registry.</summary>
internal sealed class MemorySignatures : ISignatureSource
{
    private readonly Dictionary<string, byte[]> _manifests = [];
    private readonly Dictionary<Digest, byte[]> _blobs = [];
    private readonly List<Descriptor> _referrers = [];

    /// <summary>How often it was asked.</summary>
    public int Questions { get; private set; }

    /// <summary>Puts signatures beside an image, under the tag made of its digest.</summary>
    public MemorySignatures Tag(Digest image, params (byte[] Payload, byte[] Signature)[] signatures) =>
        Put($"{image.Algorithm}-{image.Hex}.sig", TrustSigner.Manifest("", signatures), signatures);

    /// <summary>Puts signatures beside an image, as an artifact that refers to it.</summary>
    public MemorySignatures Refer(string artifactType, params (byte[] Payload, byte[] Signature)[] signatures)
    {
        byte[] manifest = TrustSigner.Manifest($",\"artifactType\":\"{artifactType}\"", signatures);
        _referrers.Add(new Descriptor { MediaType = MediaTypes.Manifest, Digest = Digest.Of(manifest), Size = manifest.Length, ArtifactType = artifactType });
        return Put(Digest.Of(manifest).ToString(), manifest, signatures);
    }

    public MemorySignatures Put(string name, byte[] manifest, params (byte[] Payload, byte[] Signature)[] signatures)
    {
        _manifests[name] = manifest;
        foreach ((byte[] payload, _) in signatures)
            _blobs[Digest.Of(payload)] = payload;
        return this;
    }

    public Task<byte[]?> TryGetManifestAsync(ImageReference reference, CancellationToken cancel)
    {
        Questions++;
        return Task.FromResult(_manifests.GetValueOrDefault(reference.Digest.IsEmpty ? reference.Tag! : reference.Digest.ToString()));
    }

    public Task<byte[]> GetBlobAsync(ImageReference repository, Descriptor blob, CancellationToken cancel)
    {
        Questions++;
        Assert.InRange(blob.Size, 0, SignatureFinder.MaxPayloadBytes);
        return Task.FromResult(_blobs[blob.Digest]);
    }

    public Task<IReadOnlyList<Descriptor>> ListReferrersAsync(ImageReference repository, Digest subject, string artifactType, CancellationToken cancel)
    {
        Questions++;
        return Task.FromResult<IReadOnlyList<Descriptor>>(_referrers);
    }
}

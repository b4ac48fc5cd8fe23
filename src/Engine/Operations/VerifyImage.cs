using Rundlet.Images.Platforms;
using Rundlet.Images.References;
using Rundlet.Images.Registry;
using Rundlet.Images.Trust;
using Rundlet.Linux;
using Rundlet.Oci;

namespace Rundlet.Engine.Operations;

/// <summary>Asks whether an image in a registry would be trusted; nothing is kept.</summary>
public static class VerifyImage
{
    /// <summary>Asks.</summary>
    /// <param name="name">The image.</param>
    /// <param name="keyFiles">Public keys, one of which must have signed; empty for the machine's policy.</param>
    /// <param name="variable">Looks up a variable of the caller's environment.</param>
    /// <param name="cancel">Ends it.</param>
    /// <returns>What the name stands for now, and why it is trusted.</returns>
    /// <exception cref="ContainerException">PermissionDenied: it is not; others: the registry, a key or the policy cannot be read.</exception>
    /// <exception cref="Syscalls.LinuxException">A file cannot be read.</exception>
    public static async Task<(Digest Digest, TrustVerdict Verdict)> RunAsync(
        string name, IReadOnlyList<string> keyFiles, Func<string, string?> variable, CancellationToken cancel)
    {
        ImageReference reference = ImageReference.Parse(name);
        TrustPolicy policy = keyFiles.Count > 0
            ? TrustPolicy.RequireKeys([.. keyFiles.Select(VerificationKey.Load)])
            : TrustPolicy.Load(RegistryOptions.ConfigFolder(variable));
        using var client = new RegistryClient(RegistryOptions.FromEnvironment(variable));
        RemoteDocument document = await client.GetManifestAsync(reference, cancel).ConfigureAwait(false);
        TrustVerdict verdict = await policy.VerifyAsync(reference, document.Digest, ManifestOf(document), new RegistrySignatures(client), cancel).ConfigureAwait(false);
        return (document.Digest, verdict);
    }

    /// <summary>The manifest that this machine would use: an index that has none may still be signed itself.</summary>
    private static Digest ManifestOf(RemoteDocument document)
    {
        if (!MediaTypes.IsIndex(document.MediaType))
            return document.Digest;
        return ImagePlatform.Machine.Choose(ImageReader.ReadIndex(document.Bytes).Manifests)?.Digest ?? document.Digest;
    }
}

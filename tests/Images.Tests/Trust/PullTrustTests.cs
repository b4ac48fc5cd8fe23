using System.Text;
using Rundlet.Images.Platforms;
using Rundlet.Images.Pull;
using Rundlet.Images.References;
using Rundlet.Images.Registry;
using Rundlet.Images.Tests.Hostile;
using Rundlet.Images.Tests.Registry;
using Rundlet.Images.Tests.Store;
using Rundlet.Images.Trust;
using Rundlet.Linux;
using Rundlet.Oci;

namespace Rundlet.Images.Tests.Trust;

/// <summary>A pull asks the policy before it keeps anything, with the digests of what it then uses.</summary>
public class PullTrustTests
{
    public PullTrustTests() => Sandbox.SkipUnlessRoot();

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task An_image_comes_only_when_it_is_signed(bool byIndex)
    {
        using var registry = new RegistryServer();
        using var store = new StoreFixture();
        using TrustSigner signer = TrustSigner.P256();
        ImageReference reference = ImageReference.Parse($"{registry.Host}/team/web:1");
        (byte[] manifest, byte[] index) = await PushAsync(registry);
        await registry.PutManifestAsync("team/web", "1", byIndex ? index : manifest, byIndex ? MediaTypes.Index : MediaTypes.Manifest);
        Digest signed = Digest.Of(byIndex ? index : manifest);
        TrustPolicy policy = TrustPolicy.Parse(
            $$$"""{"default":[{"type":"sigstoreSigned","keyData":"{{{signer.KeyData}}}","signedIdentity":{"type":"matchRepository"}}]}""", "/policy.json");

        ContainerException error = await Peers.FailsAsync(ContainerErrorKind.PermissionDenied, () => PullAsync(store, reference, policy));
        Assert.Contains("it has no signature (by 'default' of '/policy.json')", error.Message, StringComparison.Ordinal);
        await SignAsync(registry, signer, signed, $"{registry.Host}/team/other");
        await Peers.FailsAsync(ContainerErrorKind.PermissionDenied, () => PullAsync(store, reference, policy));
        Assert.Empty(store.Images.List());
        Assert.Empty(store.Images.ListUnnamed());
        Assert.Empty(store.Images.Content.List());
        Assert.Empty(store.Images.Layers.List());

        await SignAsync(registry, signer, signed, $"{registry.Host}/team/web");
        PulledImage pulled = await PullAsync(store, reference, policy);
        Assert.Equal((signed, Digest.Of(manifest)), (pulled.Target, pulled.Image.Manifest));

        // The name now stands for something that nobody signed.
        (byte[] other, _) = await PushAsync(registry, more: ",\"annotations\":{\"evil\":\"yes\"}");
        await registry.PutManifestAsync("team/web", "1", other, MediaTypes.Manifest);
        await Peers.FailsAsync(ContainerErrorKind.PermissionDenied, () => PullAsync(store, reference, policy));
        Assert.Equal(Digest.Of(manifest), Assert.Single(store.Images.List()).Image.Manifest);
    }

    private static async Task<PulledImage> PullAsync(StoreFixture store, ImageReference reference, TrustPolicy policy)
    {
        using RegistryClient client = Peers.Client();
        return await store.Images.PullAsync(reference, new RegistryImageSource(client), new PullOptions { Verify = policy.ForPull(reference, new RegistrySignatures(client)) }, Peers.Cancel);
    }

    private static async Task<(byte[] Manifest, byte[] Index)> PushAsync(RegistryServer registry, string more = "")
    {
        byte[] config = Encoding.UTF8.GetBytes(LayoutBuilder.Config(LayoutBuilder.GoodLayer));
        byte[] manifest = Encoding.UTF8.GetBytes(LayoutBuilder.ManifestOf(LayoutBuilder.Describe(MediaTypes.Config, config), $"\"layers\":[{LayoutBuilder.Layer}]{more}"));
        byte[] index = Encoding.UTF8.GetBytes(LayoutBuilder.IndexOf(LayoutBuilder.Describe(
            MediaTypes.Manifest, manifest, $$""","platform":{"os":"linux","architecture":"{{ImagePlatform.Machine.Architecture}}"}""")));
        await registry.PushBlobsAsync("team/web", [config, LayoutBuilder.GoodLayer]);
        await registry.PutManifestAsync("team/web", Digest.Of(manifest).ToString(), manifest, MediaTypes.Manifest);
        return (manifest, index);
    }

    private static async Task SignAsync(RegistryServer registry, TrustSigner signer, Digest digest, string reference)
    {
        byte[] payload = TrustSigner.Payload(digest.ToString(), reference);
        await registry.PushBlobsAsync("team/web", [TrustSigner.Config, payload]);
        await registry.PutManifestAsync("team/web", $"sha256-{digest.Hex}.sig", TrustSigner.Manifest("", (payload, signer.Sign(payload))), MediaTypes.Manifest);
    }
}

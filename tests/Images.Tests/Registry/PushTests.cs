using System.Collections.Concurrent;
using System.Security.Cryptography;
using System.Text.Json;
using Rundlet.Images.Push;
using Rundlet.Images.References;
using Rundlet.Images.Registry;
using Rundlet.Images.Tests.Store;
using Rundlet.Images.Tests.Tar;
using Rundlet.Linux;
using Rundlet.Oci;

namespace Rundlet.Images.Tests.Registry;

[SpecRow("distribution.blob.head", "distribution.blob.mount", "distribution.manifest.put")]
public class PushTests
{
    public PushTests() => Sandbox.SkipUnlessRoot();

    [Fact]
    public async Task An_image_is_pushed_once_and_read_by_skopeo()
    {
        using var registry = new RegistryServer();
        using var store = new StoreFixture();
        using RegistryClient client = Peers.Client();
        ImageRecord image = Import(store, $"{registry.Host}/team/web");
        var seen = new Seen();
        PushedImage pushed = await store.Images.PushAsync(Peers.Web(registry.Host), client, new PushOptions { Progress = seen }, Peers.Cancel);
        Assert.Equal((image.Manifest, image.ManifestSize, true), (pushed.Digest, pushed.Size, pushed.IsWhole));
        Assert.Equal([PushPhase.Complete, PushPhase.Complete], seen.Last.Values);

        using (JsonDocument inspected = JsonDocument.Parse(Sandbox.Run("skopeo", "inspect", "--tls-verify=false", $"docker://{registry.Host}/team/web:latest")))
            Assert.Equal(image.Manifest.ToString(), inspected.RootElement.GetProperty("Digest").GetString());
        Sandbox.Run("skopeo", "copy", "--src-tls-verify=false", $"docker://{registry.Host}/team/web:latest", $"dir:{registry.Folder}/copy");
        Assert.Equal(await File.ReadAllBytesAsync($"{registry.Folder}/copy/manifest.json", Peers.Cancel), store.Images.Content.ReadAll(image.Manifest, -1, 1 << 20));

        var again = new Seen();
        await store.Images.PushAsync(Peers.Web(registry.Host), client, new PushOptions { Progress = again }, Peers.Cancel);
        Assert.Equal([PushPhase.Present, PushPhase.Present], again.Last.Values);
    }

    [Fact]
    public async Task What_another_repository_of_the_registry_has_is_mounted()
    {
        using var registry = new RegistryServer();
        using var store = new StoreFixture();
        using RegistryClient client = Peers.Client();
        Import(store, $"{registry.Host}/team/web");
        await store.Images.PushAsync(Peers.Web(registry.Host), client, cancel: Peers.Cancel);
        ImageReference other = ImageReference.Parse($"{registry.Host}/other/copy:1");
        store.Images.Tag($"{registry.Host}/team/web", other);
        var seen = new Seen();
        await store.Images.PushAsync(other, client, new PushOptions { Progress = seen }, Peers.Cancel);
        Assert.Equal([PushPhase.Mounted, PushPhase.Mounted], seen.Last.Values);
        Assert.NotNull(await client.HeadManifestAsync(other, Peers.Cancel));
    }

    [Fact]
    public async Task An_interrupted_push_leaves_no_name_and_goes_on()
    {
        using var registry = new RegistryServer();
        using var store = new StoreFixture();
        using RegistryClient client = Peers.Client();
        Import(store, $"{registry.Host}/team/web");
        using var cancel = new CancellationTokenSource();
        var stopping = new Seen { On = progress => { if (progress.Phase == PushPhase.Pushing) cancel.Cancel(); } };
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => store.Images.PushAsync(Peers.Web(registry.Host), client, new PushOptions { Progress = stopping, Parallel = 1 }, cancel.Token));
        Assert.Null(await client.HeadManifestAsync(Peers.Web(registry.Host), Peers.Cancel));
        await store.Images.PushAsync(Peers.Web(registry.Host), client, cancel: Peers.Cancel);
        Assert.NotNull(await client.HeadManifestAsync(Peers.Web(registry.Host), Peers.Cancel));
    }

    [Fact]
    public async Task The_first_failure_is_the_one_that_is_told()
    {
        using var store = new StoreFixture();
        using var server = new UploadServer();
        server.Fault = request => request.Method == "PUT" ? RawAnswer.Text(403, """{"errors":[{"code":"DENIED","message":"quota"}]}""") : null;
        using RegistryClient client = Peers.Client();
        Import(store, $"{server.Host}/team/web");
        ContainerException error = await Peers.FailsAsync(ContainerErrorKind.PermissionDenied, () => store.Images.PushAsync(Peers.Web(server.Host), client, cancel: Peers.Cancel));
        Assert.Contains("DENIED: quota", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task What_cannot_be_pushed_is_named()
    {
        using var store = new StoreFixture();
        using RegistryClient client = Peers.Client();
        await Peers.FailsAsync(ContainerErrorKind.NotFound, () => store.Images.PushAsync(ImageReference.Parse("localhost/none"), client, cancel: Peers.Cancel));
        await Peers.FailsAsync(ContainerErrorKind.InvalidArgument, () => store.Images.PushAsync(ImageReference.Parse($"localhost/none@{Digest.Of([])}"), client, cancel: Peers.Cancel));
    }

    [Fact]
    public void All_tags_are_those_of_the_repository()
    {
        using var store = new StoreFixture();
        foreach (string name in (string[])["a.test/web:2", "a.test/web:1", "b.test/web:3", "a.test/web2:4"])
            Import(store, name);
        Assert.Equal(["1", "2"], store.Images.TagsOf(ImageReference.Parse("a.test/web")).Select(name => name.Tag));
    }

    [Fact]
    public async Task Layers_that_are_not_packed_are_packed_once_and_the_image_is_called_by_the_registrys_digest()
    {
        using var registry = new RegistryServer();
        using var store = new StoreFixture();
        using RegistryClient client = Peers.Client();
        ImageRecord plain = Import(store, $"{registry.Host}/team/web", "tar");
        store.Images.Tag($"{registry.Host}/team/web", ImageReference.Parse($"{registry.Host}/team/web:2"));
        var seen = new Seen();
        PushedImage pushed = await store.Images.PushAsync(Peers.Web(registry.Host), client, new PushOptions { Progress = seen }, Peers.Cancel);
        Assert.Single(seen.Last.Values, PushPhase.Packed);
        Assert.Equal(2, seen.Last.Values.Count(phase => phase == PushPhase.Complete));
        ImageRecord now = store.Images.Inspect($"{registry.Host}/team/web").Record;
        Assert.Equal((plain.Id, pushed.Digest), (now.Id, now.Manifest));
        Assert.NotEqual(plain.Manifest, now.Manifest);
        using (JsonDocument manifest = JsonDocument.Parse(Sandbox.Run("skopeo", "inspect", "--raw", "--tls-verify=false", $"docker://{registry.Host}/team/web:latest")))
            Assert.Equal(MediaTypes.LayerGzip, manifest.RootElement.GetProperty("layers")[0].GetProperty("mediaType").GetString());

        // The other tag follows without packing, and then nothing of the plain one is left.
        Assert.True(store.Images.Content.Has(plain.Manifest));
        var again = new Seen();
        await store.Images.PushAsync(ImageReference.Parse($"{registry.Host}/team/web:2"), client, new PushOptions { Progress = again }, Peers.Cancel);
        Assert.Equal([PushPhase.Present, PushPhase.Present], again.Last.Values);
        Assert.False(store.Images.Content.Has(plain.Manifest));
        Assert.Equal(3, store.Files("blobs/sha256").Length);
        Assert.Empty(store.Images.ListUnnamed());

        using var elsewhere = new StoreFixture();
        Sandbox.Run("skopeo", "copy", "--src-tls-verify=false", $"docker://{registry.Host}/team/web:latest", $"oci-archive:{registry.Folder}/web.tar");
        using FileStream archive = File.OpenRead($"{registry.Folder}/web.tar");
        Assert.Equal(plain.Layers, Assert.Single(elsewhere.Images.Load(archive)).Image.Layers);
    }

    private static ImageRecord Import(StoreFixture store, string name, string packing = "gzip") =>
        store.Images.Import(
            new MemoryStream(ImageStoreTests.Pack(RawTar.New.Entry('0', "noise", content: RandomNumberGenerator.GetBytes(500_000)).Ended, packing)), ImageReference.Parse(name));

    private sealed class Seen : IPushProgress
    {
        public ConcurrentDictionary<Digest, PushPhase> Last { get; } = [];

        public Action<BlobProgress>? On { get; init; }

        public void Report(BlobProgress progress)
        {
            Last[progress.Blob] = progress.Phase;
            On?.Invoke(progress);
        }
    }
}

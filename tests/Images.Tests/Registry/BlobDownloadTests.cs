using System.Diagnostics;
using Rundlet.Images.Registry;
using Rundlet.Linux;
using Rundlet.Oci;

namespace Rundlet.Images.Tests.Registry;

[SpecRow("distribution.blob.get", "distribution.blob.range")]
public class BlobDownloadTests
{
    [Fact]
    public async Task A_blob_comes_whole_over_the_connection_of_its_manifest()
    {
        var image = new TestImage(300_000);
        using var registry = new MisbehavingRegistry(request => Peers.Serve(request, image));
        using RegistryClient client = Peers.Client();
        await client.GetManifestAsync(Peers.Web(registry.Host), Peers.Cancel);
        using BlobDownload download = await client.OpenBlobAsync(Peers.Web(registry.Host), Peers.Blob(image.Layers[0]), 0, Peers.Cancel);
        Assert.Equal(0, download.Offset);
        Assert.Equal(image.Layers[0], Peers.ReadAll(download));
        Assert.Equal(image.Config, await client.GetBlobAsync(Peers.Web(registry.Host), Peers.Blob(image.Config), 1 << 20, Peers.Cancel));
        Assert.Equal(1, registry.Connections);
    }

    [Fact]
    public async Task A_download_begins_where_an_earlier_one_ended()
    {
        var image = new TestImage(300_000);
        using var registry = new MisbehavingRegistry(request => Peers.Serve(request, image));
        using RegistryClient client = Peers.Client();
        using BlobDownload download = await client.OpenBlobAsync(Peers.Web(registry.Host), Peers.Blob(image.Layers[0]), 123_456, Peers.Cancel);
        Assert.Equal(123_456, download.Offset);
        Assert.Equal(image.Layers[0][123_456..], Peers.ReadAll(download));
    }

    [Fact]
    public async Task Nothing_is_asked_for_where_nothing_is_missing()
    {
        byte[] content = new byte[1000];
        using var registry = new MisbehavingRegistry(_ => RawAnswer.Ok(content));
        using RegistryClient client = Peers.Client();
        using BlobDownload download = await client.OpenBlobAsync(Peers.Web(registry.Host), Peers.Blob(content), 1000, Peers.Cancel);
        Assert.Equal(1000, download.Offset);
        Assert.Empty(Peers.ReadAll(download));
        Assert.Empty(registry.Requests);
    }

    [Fact]
    public async Task A_registry_that_ignores_ranges_sends_from_the_beginning_and_says_so()
    {
        var image = new TestImage(100_000);
        using var registry = new MisbehavingRegistry(_ => RawAnswer.Ok(image.Layers[0]));
        using RegistryClient client = Peers.Client();
        using BlobDownload download = await client.OpenBlobAsync(Peers.Web(registry.Host), Peers.Blob(image.Layers[0]), 50_000, Peers.Cancel);
        Assert.Equal(0, download.Offset);
        Assert.Equal(image.Layers[0], Peers.ReadAll(download));
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    public async Task Resets_at_random_bytes_are_not_seen_by_the_reader(int seed)
    {
        var image = new TestImage(3_000_000);
        var random = new Random(seed);
        using var registry = new MisbehavingRegistry(request => RawAnswer.Part(request, image.Layers[0]) with { ResetAfter = random.Next(400_000) });
        using RegistryClient client = Peers.Client();
        using BlobDownload download = await client.OpenBlobAsync(Peers.Web(registry.Host), Peers.Blob(image.Layers[0]), 0, Peers.Cancel);
        Assert.Equal(image.Layers[0], Peers.ReadAll(download));
        Assert.InRange(registry.Requests.Count, 7, 100);
    }

    [Fact]
    public async Task A_drop_is_skipped_over_where_the_registry_ignores_ranges()
    {
        var image = new TestImage(500_000);
        int answers = 0;
        using var registry = new MisbehavingRegistry(_ => RawAnswer.Ok(image.Layers[0]) with { ResetAfter = ++answers < 3 ? 200_000 * answers : null });
        using RegistryClient client = Peers.Client();
        using BlobDownload download = await client.OpenBlobAsync(Peers.Web(registry.Host), Peers.Blob(image.Layers[0]), 0, Peers.Cancel);
        Assert.Equal(image.Layers[0], Peers.ReadAll(download));
        Assert.Equal(3, answers);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_registry_that_never_gets_on_is_given_up_after_waits_that_grow(bool truncates)
    {
        var image = new TestImage(100_000);
        var time = new SkippingTime();
        using var registry = new MisbehavingRegistry(request => request["Range"] is null
            ? RawAnswer.Part(request, image.Layers[0]) with { ResetAfter = 1000 }
            : RawAnswer.Part(request, image.Layers[0]) with { ResetAfter = truncates ? null : 0, Declared = truncates ? 99_000 : null, Body = truncates ? [] : image.Layers[0][1000..] });
        using RegistryClient client = Peers.Client(time);
        using BlobDownload download = await client.OpenBlobAsync(Peers.Web(registry.Host), Peers.Blob(image.Layers[0]), 0, Peers.Cancel);
        ContainerException error = await Peers.FailsAsync(ContainerErrorKind.Unavailable, () => Task.Run(() => Peers.ReadAll(download)));
        Assert.Contains("ended at byte 1000 of 100000", error.Message, StringComparison.Ordinal);
        Assert.Contains(registry.Host, error.Message, StringComparison.Ordinal);
        Assert.Equal(5, registry.Requests.Count);
        Assert.Equal(4, time.Waits.Count);
        Assert.True(time.Waits[3] > time.Waits[0] * 3);
    }

    [Fact]
    public async Task A_stalled_download_goes_on_with_another_connection()
    {
        var image = new TestImage(200_000);
        using var registry = new MisbehavingRegistry(request => RawAnswer.Part(request, image.Layers[0]) with { StallAfter = request["Range"] is null ? 100_000 : null });
        using RegistryClient client = Peers.Client(stall: TimeSpan.FromMilliseconds(100));
        using BlobDownload download = await client.OpenBlobAsync(Peers.Web(registry.Host), Peers.Blob(image.Layers[0]), 0, Peers.Cancel);
        Assert.Equal(image.Layers[0], Peers.ReadAll(download));
        Assert.Equal("bytes=100000-", registry.Requests[^1]["Range"]);
    }

    [Theory]
    [InlineData(2000, "has 2000 bytes, its manifest says 1000")]
    [InlineData(10, "has 10 bytes, its manifest says 1000")]
    public async Task A_blob_of_another_length_is_refused_before_it_is_read(int length, string message)
    {
        using var registry = new MisbehavingRegistry(_ => RawAnswer.Ok(new byte[length]));
        using RegistryClient client = Peers.Client();
        ContainerException error = await Peers.FailsAsync(ContainerErrorKind.Unavailable, () => client.OpenBlobAsync(Peers.Web(registry.Host), Peers.Blob(new byte[1000]), 0, Peers.Cancel));
        Assert.Contains(message, error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_blob_without_a_length_never_gives_more_than_its_size()
    {
        byte[] content = new byte[1000];
        using var registry = new MisbehavingRegistry(_ => RawAnswer.Ok(new byte[5000]) with { Chunked = true });
        using RegistryClient client = Peers.Client();
        using BlobDownload download = await client.OpenBlobAsync(Peers.Web(registry.Host), Peers.Blob(content), 0, Peers.Cancel);
        byte[] buffer = new byte[8192];
        Assert.Equal(1000, download.Stream.ReadAtLeast(buffer, 1000));
        ContainerException error = await Peers.FailsAsync(ContainerErrorKind.Unavailable, () => Task.Run(() => download.Stream.Read(buffer)));
        Assert.Contains("has more than 1000 bytes", error.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("bytes 400-999/1000")]
    [InlineData("bytes 600-999/1000")]
    [InlineData("bytes 500-1999/2000")]
    [InlineData("bytes 500-1500/*")]
    [InlineData("bytes 500-999/1")]
    [InlineData("items 500-999/1000")]
    [InlineData("bytes */1000")]
    [InlineData("bytes 500-9999999999999999999999/1000")]
    [InlineData("nonsense")]
    public async Task A_lying_Content_Range_is_found_out(string range)
    {
        using var registry = new MisbehavingRegistry(_ => new RawAnswer(206, ("Content-Range", range)) { Body = new byte[500] });
        using RegistryClient client = Peers.Client();
        ContainerException error = await Peers.FailsAsync(ContainerErrorKind.Unavailable, () => client.OpenBlobAsync(Peers.Web(registry.Host), Peers.Blob(new byte[1000]), 500, Peers.Cancel));
        Assert.Contains(registry.Host, error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_wrong_blob_is_refused_by_its_digest()
    {
        using var registry = new MisbehavingRegistry(_ => RawAnswer.Ok(new byte[1000]));
        using RegistryClient client = Peers.Client();
        Descriptor wanted = Peers.Blob(new byte[1000]);
        wanted.Digest = Digest.Of("else"u8);
        ContainerException error = await Peers.FailsAsync(ContainerErrorKind.Unavailable, () => client.GetBlobAsync(Peers.Web(registry.Host), wanted, 1000, Peers.Cancel));
        Assert.Contains("it has the digest 'sha256:", error.Message, StringComparison.Ordinal);
        Assert.NotNull(ContainerException.HintOf(error));
    }

    [Fact]
    public async Task A_configuration_that_is_too_long_is_not_asked_for()
    {
        using var registry = new MisbehavingRegistry(_ => RawAnswer.Ok([]));
        using RegistryClient client = Peers.Client();
        await Peers.FailsAsync(ContainerErrorKind.InvalidArgument, () => client.GetBlobAsync(Peers.Web(registry.Host), Peers.Blob(new byte[1001]), 1000, Peers.Cancel));
        Assert.Empty(registry.Requests);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_cancel_wakes_whoever_reads(bool tls)
    {
        using var authority = new TestCa();
        using var certificate = authority.Sign("127.0.0.1");
        using var registry = new MisbehavingRegistry(_ => RawAnswer.Ok(new byte[100_000]) with { StallAfter = 1000 }, tls ? certificate : null);
        using RegistryClient client = Peers.Client(TimeProvider.System);
        using var cancel = new CancellationTokenSource();
        using BlobDownload download = await client.OpenBlobAsync(Peers.Web(registry.Host), Peers.Blob(new byte[100_000]), 0, cancel.Token);
        byte[] buffer = new byte[1000];
        download.Stream.ReadExactly(buffer);
        Task<int> blocked = Task.Factory.StartNew(() => download.Stream.Read(buffer), TaskCreationOptions.LongRunning);
        long began = Stopwatch.GetTimestamp();
        await Task.WhenAny(blocked, Task.Delay(50, Peers.Cancel)); // long enough to be blocked as a rule; right either way
        await cancel.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => blocked);
        Assert.True(Stopwatch.GetElapsedTime(began) < TimeSpan.FromSeconds(10));
    }

    [Fact]
    public async Task A_cancel_ends_a_wait_for_the_first_byte()
    {
        using var asked = new ManualResetEventSlim();
        using var end = new ManualResetEventSlim();
        using var registry = new MisbehavingRegistry(_ =>
        {
            asked.Set();
            end.Wait(TimeSpan.FromSeconds(30));
            return RawAnswer.Ok([]);
        });
        using RegistryClient client = Peers.Client(TimeProvider.System);
        using var cancel = new CancellationTokenSource();
        Task<BlobDownload> opening = client.OpenBlobAsync(Peers.Web(registry.Host), Peers.Blob(new byte[1000]), 0, cancel.Token);
        Assert.True(asked.Wait(TimeSpan.FromSeconds(30), Peers.Cancel));
        await cancel.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => opening);
        end.Set();
    }
}

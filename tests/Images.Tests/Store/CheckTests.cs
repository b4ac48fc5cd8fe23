using Rundlet.Images.Check;
using Rundlet.Images.References;
using Rundlet.Images.Tests.Pull;
using Rundlet.Linux;
using Rundlet.Oci;
using Rundlet.Syscalls;

namespace Rundlet.Images.Tests.Store;

public class CheckTests
{
    public CheckTests() => Sandbox.SkipUnlessRoot();

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    /// <summary>Ways to damage a store that holds the image of <see cref="Pulled"/>; each with what the check must say.</summary>
    public static TheoryData<string, string, StoreProblemKind> Damages => new()
    {
        { "cut blob", "other bytes", StoreProblemKind.Blob },
        { "flipped blob", "other bytes", StoreProblemKind.Blob },
        { "lost blob", "is missing", StoreProblemKind.Blob },
        { "lost manifest", "is missing", StoreProblemKind.Blob },
        { "flipped file", "'file1' has another content", StoreProblemKind.Layer },
        { "lost file", "lacks 'file1'", StoreProblemKind.Layer },
        { "planted file", "has 'planted', which its archive has not", StoreProblemKind.Layer },
        { "mode", "'file1' has mode 100777", StoreProblemKind.Layer },
        { "owner", "'file1' belongs to 7:7", StoreProblemKind.Layer },
        { "lost files", "no such layer", StoreProblemKind.Layer },
    };

    [Theory]
    [MemberData(nameof(Damages))]
    public async Task Damage_is_found_named_and_mended_from_the_registry(string damage, string expected, StoreProblemKind kind)
    {
        using var store = new StoreFixture();
        (FakeSource source, ImageRecord image) = await Pulled(store);
        Assert.Empty(store.Images.Check(cancel: Token).Problems);
        Damage(store, image, damage);
        StoreReport report = store.Images.Check(cancel: Token);
        StoreProblem problem = Assert.Single(report.Problems);
        Assert.Equal(kind, problem.Kind);
        Assert.Contains(expected, problem.Problem, StringComparison.Ordinal);
        Assert.Equal(["app:latest"], problem.Images);
        Assert.Empty(await store.Images.RepairAsync(report, _ => false, _ => source, Token));
        Assert.Empty(store.Images.Check(cancel: Token).Problems);
        Assert.Empty(store.Files("blobs/ingest"));
        Assert.Empty(store.Files("layers/ingest"));
    }

    [Fact]
    public async Task A_check_of_what_is_whole_writes_nothing_and_says_how_far_it_is()
    {
        using var store = new StoreFixture();
        _ = await Pulled(store);
        DateTime before = Directory.GetLastWriteTimeUtc($"{store.Path}/layers/ingest");
        List<CheckProgress> seen = [];
        Assert.Empty(store.Images.Check(seen.Add, Token).Problems);
        Assert.Equal(before, Directory.GetLastWriteTimeUtc($"{store.Path}/layers/ingest"));
        foreach (StoreProblemKind kind in Enum.GetValues<StoreProblemKind>())
        {
            CheckProgress[] some = [.. seen.Where(progress => progress.Kind == kind)];
            Assert.True(some.Length > 3);
            Assert.Equal(some.OrderBy(progress => progress.Done), some);
            Assert.InRange(some[0].Done, 1, some[0].Total / 2);
            Assert.Equal((some[0].Total, true), (some[^1].Done, some[^1].IsFinal));
        }
    }

    [Fact]
    public void A_layer_is_just_as_its_archive_says_whatever_access_list_the_store_has()
    {
        byte[] list = [2, 0, 0, 0, 1, 0, 7, 0, 255, 255, 255, 255, 2, 0, 7, 0, 7, 0, 0, 0, 4, 0, 7, 0, 255, 255, 255, 255, 16, 0, 7, 0, 255, 255, 255, 255, 32, 0, 7, 0, 255, 255, 255, 255];
        using var store = new StoreFixture();
        foreach (string folder in (string[])[store.Path, $"{store.Path}/layers", $"{store.Path}/layers/ingest"])
            LinuxException.ThrowIfError(Sys.lsetxattr(folder, "system.posix_acl_default", list), "setxattr");
        ImageRecord image = store.Images.Import(new MemoryStream(Tar.RawTar.New.Folder("d", "0000700").File("d/f", "x", "0000600").Ended), null);
        string files = $"{store.Path}/layers/{image.Layers[0].Hex}/fs";
        foreach (string path in (string[])[files, $"{files}/d", $"{files}/d/f"])
        {
            Assert.Null(Sandbox.Xattr(path, "system.posix_acl_access"));
            Assert.Null(Sandbox.Xattr(path, "system.posix_acl_default"));
        }
        Assert.Equal((0x41edu, 0x8180u), ((uint)Sandbox.Stat(files).stx_mode, (uint)Sandbox.Stat($"{files}/d/f").stx_mode));
        Assert.Empty(store.Images.Check(cancel: Token).Problems);
    }

    [Fact]
    public async Task A_layer_beneath_a_running_container_is_left_alone()
    {
        using var store = new StoreFixture();
        (FakeSource source, ImageRecord image) = await Pulled(store);
        store.Database.Containers["web"] = image.Manifest;
        Damage(store, image, "flipped file");
        StoreReport report = store.Images.Check(cancel: Token);
        StoreProblem left = Assert.Single(await store.Images.RepairAsync(report, name => name == "web", _ => source, Token));
        Assert.Contains("container 'web' runs on it", left.Problem, StringComparison.Ordinal);
        Assert.Empty(await store.Images.RepairAsync(report, _ => false, _ => source, Token));
    }

    [Fact]
    public async Task What_the_registry_has_no_more_is_said_to_remain()
    {
        using var store = new StoreFixture();
        (_, ImageRecord image) = await Pulled(store);
        Damage(store, image, "lost blob");
        var gone = new FakeSource { Through = (_, _, _) => throw new ContainerException(ContainerErrorKind.NotFound, "no such repository") };
        gone.Add("app", FakeSource.Layer(1), FakeSource.Layer(2));
        StoreProblem left = Assert.Single(await store.Images.RepairAsync(store.Images.Check(cancel: Token), _ => false, _ => gone, Token));
        Assert.Contains("no such repository", left.Problem, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Usage_counts_what_is_shared_once()
    {
        using var store = new StoreFixture();
        var source = new FakeSource();
        byte[] shared = FakeSource.Layer(1), own = FakeSource.Layer(2);
        source.Add("app", shared);
        source.Add("more", shared, own);
        await store.Images.PullAsync(ImageReference.Parse("app"), source, cancel: Token);
        ImageRecord more = (await store.Images.PullAsync(ImageReference.Parse("more"), source, cancel: Token)).Image;
        StoreUsage before = store.Images.Usage();
        Assert.Equal(before.Size, before.Reclaimable);
        Assert.Equal(before.Size, before.Images.Sum(image => image.Unique) + before.Images[0].Shared);
        ImageUsage large = before.Images.Single(image => image.Image.Manifest == more.Manifest);
        Assert.InRange(large.Unique, own.Length + 400_000, own.Length + 403_000);
        Assert.InRange(large.Shared, shared.Length + 400_000, shared.Length + 403_000);
        store.Database.Containers["web"] = more.Manifest;
        Assert.InRange(store.Images.Usage().Reclaimable, 1, 2000); // the documents of the other one
    }

    private static async Task<(FakeSource, ImageRecord)> Pulled(StoreFixture store)
    {
        var source = new FakeSource();
        source.Add("app", FakeSource.Layer(1), FakeSource.Layer(2));
        return (source, (await store.Images.PullAsync(ImageReference.Parse("app"), source, cancel: Token)).Image);
    }

    private static void Damage(StoreFixture store, ImageRecord image, string damage)
    {
        string blob = $"{store.Path}/blobs/sha256/{Digest.Of(FakeSource.Layer(1)).Hex}", files = $"{store.Path}/layers/{image.Layers[0].Hex}/fs";
        switch (damage)
        {
            case "cut blob":
                using (FileStream file = File.OpenWrite(blob))
                    file.SetLength(1000);
                break;
            case "flipped blob":
                Flip(blob);
                break;
            case "lost blob":
                File.Delete(blob);
                break;
            case "lost manifest":
                File.Delete($"{store.Path}/blobs/sha256/{image.Manifest.Hex}");
                break;
            case "flipped file":
                Flip($"{files}/file1");
                break;
            case "lost file":
                DateTime time = Directory.GetLastWriteTimeUtc(files);
                File.Delete($"{files}/file1");
                Directory.SetLastWriteTimeUtc(files, time);
                break;
            case "planted file":
                File.WriteAllText($"{files}/planted", "");
                break;
            case "mode":
                File.SetUnixFileMode($"{files}/file1", (UnixFileMode)0x1FF);
                break;
            case "owner":
                Sandbox.Run("chown", "7:7", $"{files}/file1");
                break;
            case "lost files":
                Directory.Delete(files, recursive: true);
                break;
            default:
                throw new ArgumentException(damage);
        }
    }

    private static void Flip(string path)
    {
        DateTime time = File.GetLastWriteTimeUtc(path);
        using (FileStream file = File.Open(path, FileMode.Open))
        {
            file.Position = 500;
            file.WriteByte((byte)~file.ReadByte());
        }
        File.SetLastWriteTimeUtc(path, time);
    }
}

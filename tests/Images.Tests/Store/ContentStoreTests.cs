using Rundlet.Images.Content;
using Rundlet.Linux;
using Rundlet.Oci;

namespace Rundlet.Images.Tests.Store;

public class ContentStoreTests
{
    [Fact]
    public void A_blob_is_visible_only_when_it_is_whole()
    {
        using var store = new StoreFixture();
        ContentStore content = store.Images.Content;
        Digest digest = Digest.Of("content"u8);
        using (BlobWriter writer = content.Create())
        {
            writer.Write("cont"u8);
            writer.Write("ent"u8);
            Assert.False(content.Has(digest));
            Assert.Single(store.Files("blobs/ingest"));
            Assert.Equal(digest, writer.Commit(digest, 7));
        }
        Assert.Equal(7, content.SizeOf(digest));
        Assert.Equal("content"u8.ToArray(), content.ReadAll(digest, 7, 100));
        Assert.Equal([digest], content.List());
        Assert.Empty(store.Files("blobs/ingest"));
        Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode($"{store.Path}/blobs/sha256/{digest.Hex}"));
        Assert.True(content.Delete(digest));
        Assert.False(content.Delete(digest));
        Assert.Equal(ContainerErrorKind.NotFound, Assert.Throws<ContainerException>(() => content.Open(digest)).Kind);
    }

    [Fact]
    public void A_blob_of_another_digest_or_size_is_not_kept()
    {
        using var store = new StoreFixture();
        foreach ((Digest digest, long size) in new[] { (Digest.Of("other"u8), -1L), (Digest.Of("content"u8), 8L) })
        {
            using BlobWriter writer = store.Images.Content.Create();
            writer.Write("content"u8);
            Assert.Throws<ContainerException>(() => writer.Commit(digest, size));
        }
        Assert.Empty(store.Files("blobs/sha256"));
        Assert.Empty(store.Files("blobs/ingest"));
    }

    [Fact]
    public void Reconcile_removes_what_nobody_writes_and_leaves_what_somebody_does()
    {
        using var store = new StoreFixture();
        File.WriteAllText($"{store.Path}/blobs/ingest/leftover", "half");
        Directory.CreateDirectory($"{store.Path}/layers/ingest/leftover/fs/deep");
        using BlobWriter writer = store.Images.Content.Create();
        writer.Write("content"u8);
        Assert.Equal(2, store.Images.Reconcile());
        Assert.Equal(0, store.Images.Reconcile());
        Assert.True(store.Images.Content.Has(writer.Commit()));
    }

    [Fact]
    public void A_blob_that_is_a_link_is_no_blob()
    {
        using var store = new StoreFixture();
        Digest digest = Digest.Of("x"u8);
        File.CreateSymbolicLink($"{store.Path}/blobs/sha256/{digest.Hex}", "/etc/passwd");
        Assert.False(store.Images.Content.Has(digest));
        Assert.Throws<ContainerException>(() => store.Images.Content.Open(digest));
    }
}

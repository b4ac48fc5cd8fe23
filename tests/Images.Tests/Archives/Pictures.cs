using Rundlet.Images.Archives;
using Rundlet.Images.Diffs;
using Rundlet.Images.References;
using Rundlet.Images.Tests.Store;
using Rundlet.Images.Tests.Tar;
using Rundlet.Linux;
using Rundlet.Oci;
using Rundlet.Syscalls;

namespace Rundlet.Images.Tests.Archives;

/// <summary>Images to save: a base, and others on top of it.</summary>
internal static class Pictures
{
    public static readonly DateTimeOffset Moment = DateTimeOffset.FromUnixTimeSeconds(1_700_000_000);

    public static byte[] RootFs => RawTar.New.Folder("etc").File("etc/name", "rundlet").File("etc/old", "goes").File("run.sh", "#!/bin/sh", "0000755").Ended;

    /// <summary>One layer, as its archive is packed.</summary>
    public static ImageRecord AddBase(StoreFixture store, string name = "base", string packing = "gzip") =>
        store.Images.Import(new MemoryStream(ImageStoreTests.Pack(RootFs, packing)), ImageReference.Parse(name),
            new ImportOptions { Created = Moment, Config = new ContainerConfig { Cmd = ["/run.sh"], Env = ["PATH=/bin"] } });

    /// <summary>One layer more: a file changed, one gone, one new.</summary>
    public static ImageRecord AddOn(StoreFixture store, string parent, string? name, CommitOptions? options = null)
    {
        using var upper = new Sandbox();
        Directory.CreateDirectory($"{upper.Root}/etc");
        File.WriteAllText($"{upper.Root}/etc/name", $"changed for {name ?? "nobody"}");
        LinuxException.ThrowIfError(Sys.mknodat(upper.RootFd.Value, "etc/old", S.IFCHR, 0), "make whiteout");
        options ??= new CommitOptions { Created = Moment, Latest = Images.Tar.TarTime.From(Moment) };
        return store.Images.Commit(store.Images.Inspect(parent), upper.RootFd.Value, options with { Reference = name is null ? null : ImageReference.Parse(name) });
    }

    public static byte[] Save(StoreFixture store, ArchiveFormat format, params string[] names)
    {
        var archive = new MemoryStream();
        store.Images.Save(names, archive, format);
        return archive.ToArray();
    }

    /// <summary>That a store holds nothing but what it is made with.</summary>
    public static void AssertEmpty(StoreFixture store)
    {
        Assert.Empty(store.Images.List());
        Assert.Empty(store.Images.ListUnnamed());
        Assert.Empty(store.Files("blobs/sha256"));
        Assert.Empty(store.Files("blobs/ingest"));
        Assert.Equal(["ingest"], store.Files("layers"));
        Assert.Empty(store.Files("layers/ingest"));
    }
}

using Rundlet.Images.Archives;
using Rundlet.Images.Diffs;
using Rundlet.Images.References;
using Rundlet.Images.Tests.Store;
using Rundlet.Linux;
using Rundlet.Syscalls;

namespace Rundlet.Images.Tests.Archives;

/// <summary>A store on a file system of 4 MiB.</summary>
public sealed class FullDiskTests : IDisposable
{
    private readonly Sandbox _sandbox;
    private readonly string _place;

    public FullDiskTests()
    {
        Sandbox.SkipUnlessRoot();
        _sandbox = new Sandbox();
        _place = $"{_sandbox.Path}/small";
        Directory.CreateDirectory(_place);
        Sandbox.Run("mount", "-t", "tmpfs", "-o", "size=4m", "none", _place);
    }

    public void Dispose()
    {
        if (_sandbox is null)
            return;
        Sandbox.Run("umount", _place);
        _sandbox.Dispose();
    }

    [Theory]
    [InlineData(ArchiveFormat.Docker)]
    [InlineData(ArchiveFormat.Oci)]
    public void What_does_not_fit_leaves_nothing_and_what_does_goes_on(ArchiveFormat format)
    {
        using StoreFixture large = new();
        Pictures.AddBase(large);
        using (Sandbox upper = Noise(6 << 20))
            large.Images.Commit(large.Images.Inspect("base"), upper.RootFd.Value, new CommitOptions { Reference = ImageReference.Parse("huge") });
        using var store = new ImageStore($"{_place}/store", new MemoryImageDatabase());
        AssertFull(() => store.Load(new MemoryStream(Pictures.Save(large, format, "huge"))));
        Assert.Empty(store.List());
        Assert.Empty(Directory.EnumerateFiles($"{_place}/store/blobs", "*", SearchOption.AllDirectories));

        LoadedImage loaded = Assert.Single(store.Load(new MemoryStream(Pictures.Save(large, format, "base"))));
        string[] before = Files();
        using (Sandbox upper = Noise(6 << 20))
            AssertFull(() => store.Commit(store.Inspect("base"), upper.RootFd.Value, new CommitOptions { Compression = LayerCompression.None }));
        AssertFull(() => store.Import(new Endless(), ImageReference.Parse("endless")));
        Assert.Equal(before, Files());
        using (Sandbox upper = Noise(1000))
            Assert.Equal(2, store.Commit(store.Inspect(loaded.Image.Id.ToString()), upper.RootFd.Value, new CommitOptions()).Layers.Count);
    }

    private static void AssertFull(Action work)
    {
        var error = Assert.Throws<ContainerException>(work);
        Assert.Equal(ContainerErrorKind.Unavailable, error.Kind);
        Assert.Contains("ENOSPC", error.Message, StringComparison.Ordinal);
        Assert.Contains("free some space", ContainerException.HintOf(error), StringComparison.Ordinal);
    }

    private string[] Files() => [.. Directory.EnumerateFiles($"{_place}/store", "*", SearchOption.AllDirectories).Order(StringComparer.Ordinal)];

    private static Sandbox Noise(int size)
    {
        var folder = new Sandbox();
        byte[] bytes = new byte[size];
        new Random(1).NextBytes(bytes);
        File.WriteAllBytes($"{folder.Root}/noise", bytes);
        return folder;
    }

    /// <summary>An archive with a file of 4 GiB.</summary>
    private sealed class Endless : Stream
    {
        private readonly MemoryStream _header = new(Tar.RawTar.New.Entry('0', "endless", size: Tar.RawTar.Octal(1L << 32, 11), content: []).Unended);

        public override bool CanRead => true;

        public override bool CanSeek => false;

        public override bool CanWrite => false;

        public override long Length => throw new NotSupportedException();

        public override long Position
        {
            get => throw new NotSupportedException();
            set => throw new NotSupportedException();
        }

        public override int Read(byte[] buffer, int offset, int count)
        {
            int got = _header.Read(buffer, offset, count);
            if (got > 0)
                return got;
            buffer.AsSpan(offset, count).Fill(7);
            return count;
        }

        public override void Flush() => throw new NotSupportedException();

        public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

        public override void SetLength(long value) => throw new NotSupportedException();

        public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();
    }
}

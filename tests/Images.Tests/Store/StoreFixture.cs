using Rundlet.Images.References;
using Rundlet.Linux;
using Rundlet.Syscalls;

namespace Rundlet.Images.Tests.Store;

/// <summary>An image store in a folder of its own.</summary>
internal sealed class StoreFixture : IDisposable
{
    private readonly Sandbox _sandbox = new();
    private readonly OwnedFd _folder;

    public StoreFixture()
    {
        _folder = FileIo.Open(Sys.AT_FDCWD, _sandbox.Root, O.RDONLY | O.DIRECTORY);
        References = new FileReferenceStore(_folder.Value);
        Images = new ImageStore(_sandbox.Root, References);
    }

    public string Path => _sandbox.Root;

    public FileReferenceStore References { get; }

    public ImageStore Images { get; }

    public string[] Files(string folder) => [.. Directory.GetFileSystemEntries($"{Path}/{folder}").Select(p => System.IO.Path.GetFileName(p)!).Order(StringComparer.Ordinal)];

    public void Dispose()
    {
        Images.Dispose();
        References.Dispose();
        _folder.Dispose();
        _sandbox.Dispose();
    }
}

namespace Rundlet.Images.Tests.Store;

/// <summary>An image store in a folder of its own.</summary>
internal sealed class StoreFixture : IDisposable
{
    private readonly Sandbox _sandbox = new();

    public StoreFixture() => Images = new ImageStore(_sandbox.Root, Database);

    public Sandbox Sandbox => _sandbox;

    public string Path => _sandbox.Root;

    public MemoryImageDatabase Database { get; } = new();

    public ImageStore Images { get; }

    public string[] Files(string folder) => [.. Directory.GetFileSystemEntries($"{Path}/{folder}").Select(p => System.IO.Path.GetFileName(p)!).Order(StringComparer.Ordinal)];

    public void Dispose()
    {
        Images.Dispose();
        _sandbox.Dispose();
    }
}

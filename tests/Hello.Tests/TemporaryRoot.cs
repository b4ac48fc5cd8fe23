using Rundlet.Hello.Report;

namespace Rundlet.Hello.Tests;

/// <summary>A folder that stands for the root of a container's file system.</summary>
internal sealed class TemporaryRoot : IDisposable
{
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("hello-");

    public SystemFiles Files => new(_folder.FullName);

    public TemporaryRoot With(string path, string content)
    {
        string full = _folder.FullName + path;
        Directory.CreateDirectory(Path.GetDirectoryName(full)!);
        File.WriteAllText(full, content);
        return this;
    }

    public void Dispose() => _folder.Delete(recursive: true);
}

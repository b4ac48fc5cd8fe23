using Rundlet.Engine.State;

namespace Rundlet.Engine.Tests;

/// <summary>A folder of a test's own, with a state file in it.</summary>
internal sealed class TestRoot : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("rundlet-engine-").FullName;

    public TestRoot()
    {
        Paths = new EnginePaths($"{_folder}/lib", $"{_folder}/run");
        foreach (string path in (string[])[Paths.Root, Paths.Containers, Paths.LiveContainers, Paths.Networks])
            Directory.CreateDirectory(path);
        Database = Database.Open(Paths.StateFile);
    }

    public EnginePaths Paths { get; }

    public Database Database { get; }

    public static ContainerRecord Record(string name, char digit = 'a') => new()
    {
        Id = new string(digit, 64),
        Name = name,
        Image = "hello",
        ImageId = "sha256:" + new string('0', 64),
        Created = DateTimeOffset.FromUnixTimeMilliseconds(1_000),
    };

    public void Dispose()
    {
        Database.Dispose();
        Directory.Delete(_folder, recursive: true);
    }
}

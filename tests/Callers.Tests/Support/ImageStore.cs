using System.Text.Json.Nodes;
using Rundlet.Runcs.Tests;

namespace Rundlet.Callers.Tests;

/// <summary>`rundlet` with images of its own, in the folder of a caller: what the one saves the other loads.</summary>
internal sealed class ImageStore
{
    private readonly CallerHome _home;
    private readonly string _program = $"{RuntimeProgram.Repository}/artifacts/bin/rundlet";

    public ImageStore(CallerHome home)
    {
        _home = home;
        if (!File.Exists(_program))
            Assert.Skip($"needs '{_program}'");
    }

    /// <summary>Runs a command that must succeed.</summary>
    public Finished Run(params string[] words) => _home.Run(Command(words)).Good();

    /// <summary>The words of a command.</summary>
    public string[] Command(params string[] words) => ["env", $"RUNDLET_ROOT={_home.Folder}/images", $"RUNDLET_RUN_ROOT={_home.Folder}/images-run", _program, .. words];

    /// <summary>A root file system to import.</summary>
    /// <returns>The path of the tar.</returns>
    public string WriteRootfs() => TestImage.WriteRootfs(Directory.CreateDirectory($"{_home.Folder}/{Guid.NewGuid():n}").FullName);

    /// <summary>What makes an image that one: its id, which is the digest of its configuration, and the digests of its layers.</summary>
    public string IdentityOf(string image) => IdentityIn(Run("inspect", image).Output);

    /// <summary>The same of what `docker inspect` prints.</summary>
    public static string IdentityIn(string inspected)
    {
        JsonNode image = JsonNode.Parse(inspected)![0]!;
        return $"{image["Id"]} {string.Join(' ', image["RootFS"]!["Layers"]!.AsArray())}";
    }
}

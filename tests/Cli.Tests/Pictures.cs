using System.Formats.Tar;
using System.Text;
using Rundlet.Engine;
using Rundlet.Images;
using Rundlet.Images.Platforms;
using Rundlet.Images.References;
using Rundlet.Oci;

namespace Rundlet.Cli.Tests;

/// <summary>Images of a test's own making, put into a machine's store.</summary>
internal static class Pictures
{
    public static readonly DateTimeOffset Day = new(2024, 5, 1, 12, 0, 0, TimeSpan.Zero);

    /// <summary>Adds an image whose layers hold one file each.</summary>
    /// <param name="machine">Where.</param>
    /// <param name="name">What to call it; an image of that name loses it.</param>
    /// <param name="layers">Content of the file in each layer; the same content is the same layer.</param>
    /// <param name="day">How many days after <see cref="Day"/> it was made.</param>
    /// <param name="labels">Its labels.</param>
    /// <returns>The id.</returns>
    public static string AddImage(this Machine machine, string name, IReadOnlyList<string> layers, int day = 0, params (string Key, string Value)[] labels)
    {
        using ContainerEngine engine = ContainerEngine.Open(new EnginePaths($"{machine.Folder}/lib", $"{machine.Folder}/run"), null);
        return Add(engine, name, layers, day, labels).ToString();
    }

    /// <summary>Adds an image to an open engine.</summary>
    public static Digest Add(ContainerEngine engine, string name, IReadOnlyList<string> layers, int day, params (string Key, string Value)[] labels)
    {
        Picture picture = Make(layers, day, null, labels);
        Dictionary<string, byte[]> files = picture.Blobs.ToDictionary(blob => $"blobs/sha256/{blob.Key.Hex}", blob => blob.Value);
        files["oci-layout"] = Encoding.UTF8.GetBytes("{\"imageLayoutVersion\":\"1.0.0\"}");
        files["index.json"] = ImageWriter.ToBytes(new ImageIndex { SchemaVersion = 2, Manifests = [picture.Top] });
        using var archive = new MemoryStream();
        using (var tar = new TarWriter(archive, leaveOpen: true))
        {
            foreach ((string path, byte[] bytes) in files)
                tar.WriteEntry(new PaxTarEntry(TarEntryType.RegularFile, path) { DataStream = new MemoryStream(bytes) });
        }
        archive.Position = 0;
        return Assert.Single(engine.Images.Store.Load(archive, new LoadOptions { Name = ImageReference.Parse(name) })).Image.Id;
    }

    /// <summary>Makes an image.</summary>
    /// <param name="layers">Content of the file in each layer.</param>
    /// <param name="day">How many days after <see cref="Day"/> it was made.</param>
    /// <param name="architecture">What it is made for; null for this machine.</param>
    /// <param name="labels">Its labels.</param>
    public static Picture Make(IReadOnlyList<string> layers, int day = 0, string? architecture = null, params (string Key, string Value)[] labels)
    {
        byte[][] tars = [.. layers.Select((content, i) => LayerOf($"file{i}", content))];
        var config = new ImageConfig
        {
            Architecture = architecture ?? ImagePlatform.Machine.Architecture,
            Os = "linux",
            Created = Day.AddDays(day).ToString("yyyy-MM-dd'T'HH:mm:ss'Z'"),
            Config = new ContainerConfig { Cmd = ["/file0"], Labels = labels.Length > 0 ? labels.ToDictionary(label => label.Key, label => label.Value) : null },
            RootFs = new RootFs { Type = "layers", DiffIds = [.. tars.Select(tar => Digest.Of(tar))] },
            History = [.. layers.Select((_, i) => new HistoryEntry { Created = "2024-05-01T12:00:00Z", CreatedBy = $"COPY file{i} /" }), new HistoryEntry { CreatedBy = "CMD [\"/file0\"]", EmptyLayer = true, Comment = "no layer" }],
        };
        var picture = new Picture();
        var manifest = new ImageManifest
        {
            SchemaVersion = 2,
            MediaType = MediaTypes.Manifest,
            Config = picture.Add(ImageWriter.ToBytes(config), MediaTypes.Config),
            Layers = [.. tars.Select(tar => picture.Add(tar, MediaTypes.Layer))],
        };
        picture.Top = picture.Add(ImageWriter.ToBytes(manifest), MediaTypes.Manifest);
        picture.Top.Platform = new Platform { Os = "linux", Architecture = config.Architecture };
        return picture;
    }

    /// <summary>Makes an index of images.</summary>
    public static Picture Index(params Picture[] images)
    {
        var picture = new Picture();
        foreach (KeyValuePair<Digest, byte[]> blob in images.SelectMany(image => image.Blobs))
            picture.Blobs[blob.Key] = blob.Value;
        picture.Top = picture.Add(ImageWriter.ToBytes(new ImageIndex { SchemaVersion = 2, MediaType = MediaTypes.Index, Manifests = [.. images.Select(image => image.Top)] }), MediaTypes.Index);
        return picture;
    }

    private static byte[] LayerOf(string name, string content)
    {
        using var stream = new MemoryStream();
        using (var tar = new TarWriter(stream, leaveOpen: true))
        {
            tar.WriteEntry(new UstarTarEntry(TarEntryType.RegularFile, name)
            {
                DataStream = new MemoryStream(Encoding.UTF8.GetBytes(content)),
                Mode = (UnixFileMode)0x1ED,
                ModificationTime = Day,
            });
        }
        return stream.ToArray();
    }
}

using System.Text.Json;
using Rundlet.Images.Files;
using Rundlet.Linux;
using Rundlet.Oci;
using Rundlet.Syscalls;

namespace Rundlet.Images.References;

/// <summary>
/// References in one JSON file, <c>images.json</c>, replaced whole: readers see the file before or after a change and need no lock;
/// writers hold one on <c>images.lock</c> from reading to replacing.
/// </summary>
public sealed class FileReferenceStore : IReferenceStore, IDisposable
{
    private const string FileName = "images.json", LockName = "images.lock";
    private const int MaxBytes = 64 << 20;

    private readonly OwnedFd _folder;

    /// <summary>Opens the store in a folder.</summary>
    /// <param name="root">An fd of the folder.</param>
    /// <exception cref="LinuxException">The kernel refused.</exception>
    public FileReferenceStore(int root) => _folder = FileIo.Open(root, ".", O.RDONLY | O.DIRECTORY);

    /// <inheritdoc/>
    public ImageRecord? TryGet(string reference) => Load().GetValueOrDefault(reference);

    /// <inheritdoc/>
    public void Set(string reference, ImageRecord record) =>
        Change(all =>
        {
            all[reference] = record;
            return true;
        });

    /// <inheritdoc/>
    public bool Remove(string reference) => Change(all => all.Remove(reference));

    /// <inheritdoc/>
    public IReadOnlyList<KeyValuePair<string, ImageRecord>> List() => [.. Load()];

    /// <inheritdoc/>
    public void Dispose() => _folder.Dispose();

    private bool Change(Func<SortedDictionary<string, ImageRecord>, bool> change)
    {
        using OwnedFd guard = FileIo.Open(_folder.Value, LockName, O.RDWR | O.CREAT | O.NOFOLLOW, FileModes.PrivateFile);
        StoreFolder.Lock(guard.Value, LOCK.EX, LockName);
        SortedDictionary<string, ImageRecord> all = Load();
        if (!change(all))
            return false;
        FileIo.Replace(_folder.Value, FileName, Write(all), FileModes.PrivateFile, durable: true);
        return true;
    }

    private SortedDictionary<string, ImageRecord> Load()
    {
        var all = new SortedDictionary<string, ImageRecord>(StringComparer.Ordinal);
        int answer = Sys.openat(_folder.Value, FileName, O.RDONLY | O.NOFOLLOW);
        if (Sys.Is(answer, Errno.ENOENT))
            return all;
        using OwnedFd file = OwnedFd.FromAnswer(answer, "open", FileName);
        try
        {
            using JsonDocument document = JsonDocument.Parse(FileIo.ReadAll(file.Value, FileName, MaxBytes));
            foreach (JsonProperty member in document.RootElement.EnumerateObject())
                all.Add(member.Name, Read(member.Value));
            return all;
        }
        catch (Exception error) when (error is JsonException or FormatException or KeyNotFoundException or InvalidOperationException or ArgumentException)
        {
            // The framework's texts may be missing from a trimmed program.
            throw new ContainerException(ContainerErrorKind.Internal, $"'{FileName}' is damaged");
        }
    }

    private static ImageRecord Read(JsonElement json) => new()
    {
        MediaType = json.GetProperty("mediaType").GetString() ?? throw new FormatException(),
        Manifest = Digest.Parse(json.GetProperty("manifest").GetString()!),
        ManifestSize = json.GetProperty("manifestSize").GetInt64(),
        Id = Digest.Parse(json.GetProperty("id").GetString()!),
        Layers = [.. json.GetProperty("layers").EnumerateArray().Select(layer => Digest.Parse(layer.GetString()!))],
        Size = json.GetProperty("size").GetInt64(),
        Created = json.TryGetProperty("created", out JsonElement created) ? created.GetDateTimeOffset() : null,
    };

    private static byte[] Write(SortedDictionary<string, ImageRecord> all)
    {
        var bytes = new MemoryStream();
        using (var json = new Utf8JsonWriter(bytes))
        {
            json.WriteStartObject();
            foreach ((string reference, ImageRecord record) in all)
            {
                json.WriteStartObject(reference);
                json.WriteString("mediaType", record.MediaType);
                json.WriteString("manifest", record.Manifest.ToString());
                json.WriteNumber("manifestSize", record.ManifestSize);
                json.WriteString("id", record.Id.ToString());
                json.WriteStartArray("layers");
                foreach (Digest layer in record.Layers)
                    json.WriteStringValue(layer.ToString());
                json.WriteEndArray();
                json.WriteNumber("size", record.Size);
                if (record.Created is { } created)
                    json.WriteString("created", created);
                json.WriteEndObject();
            }
            json.WriteEndObject();
        }
        return bytes.ToArray();
    }
}

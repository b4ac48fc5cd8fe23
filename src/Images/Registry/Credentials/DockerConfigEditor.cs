using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;
using Rundlet.Images.Files;
using Rundlet.Linux;
using Rundlet.Syscalls;

namespace Rundlet.Images.Registry.Credentials;

/// <summary>
/// Changes one entry of <c>config.json</c> and keeps all the rest. The file appears whole, readable by its owner alone; where it is a
/// link, what it leads to is replaced. Changes at the same time wait for one another at a lock on the folder.
/// </summary>
internal static class DockerConfigEditor
{
    private const int MaxBytes = 4 << 20;

    private static readonly JsonWriterOptions s_form = new() { Indented = true, IndentCharacter = '\t', IndentSize = 1, Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    /// <summary>Sets an entry.</summary>
    /// <param name="path">The file; it and its folder are made if they are missing.</param>
    /// <param name="key">The registry, as files name it.</param>
    /// <param name="credential">The credential; null for an entry without one, which is with a helper.</param>
    /// <exception cref="ContainerException">InvalidArgument: the file is malformed.</exception>
    /// <exception cref="LinuxException">It cannot be written.</exception>
    public static void Set(string path, string key, RegistryCredential? credential) => Change(path, (auths, json) =>
    {
        CopyOthers(auths, key, json);
        json.WriteStartObject(key);
        if (credential?.Password is not null)
            json.WriteString("auth"u8, Convert.ToBase64String(Encoding.UTF8.GetBytes($"{credential.User}:{credential.Password}")));
        if (credential?.IdentityToken is { } token)
            json.WriteString("identitytoken"u8, token);
        json.WriteEndObject();
    });

    /// <summary>Removes an entry, under whatever form of its key.</summary>
    /// <inheritdoc cref="Set"/>
    public static void Remove(string path, string key) => Change(path, (auths, json) => CopyOthers(auths, key, json));

    private static void CopyOthers(JsonElement auths, string key, Utf8JsonWriter json)
    {
        if (auths.ValueKind != JsonValueKind.Object)
            return;
        foreach (JsonProperty entry in auths.EnumerateObject())
        {
            if (!DockerConfig.IsOf(entry.Name, key))
                entry.WriteTo(json);
        }
    }

    private static void Change(string path, Action<JsonElement, Utf8JsonWriter> writeAuths)
    {
        var file = new FileInfo(path);
        string target = (file.LinkTarget is null ? null : file.ResolveLinkTarget(returnFinalTarget: true))?.FullName ?? file.FullName;
        string name = Path.GetFileName(target), folderPath = Path.GetDirectoryName(target)!;
        Directory.CreateDirectory(folderPath, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
        using OwnedFd folder = FileIo.Open(Sys.AT_FDCWD, folderPath, O.RDONLY | O.DIRECTORY);
        StoreFolder.Lock(folder.Value, LOCK.EX, folderPath);
        int answer = Sys.statx(folder.Value, name, AT.SYMLINK_NOFOLLOW, STATX.BASIC_STATS, out statx_t old);
        bool exists = !Sys.Is(answer, Errno.ENOENT);
        if (exists)
            LinuxException.ThrowIfError(answer, "stat", target);
        byte[] before = exists ? FileIo.ReadFile(folder.Value, name, MaxBytes) : [];
        FileIo.Replace(folder.Value, name, Rewrite(before, target, writeAuths), FileModes.PrivateFile, durable: true);
        if (exists && old.stx_uid != Sys.geteuid()) // of the user whom sudo serves
            LinuxException.ThrowIfError(Sys.fchownat(folder.Value, name, old.stx_uid, old.stx_gid, AT.SYMLINK_NOFOLLOW), "chown", target);
    }

    private static byte[] Rewrite(byte[] before, string path, Action<JsonElement, Utf8JsonWriter> writeAuths)
    {
        var after = new MemoryStream();
        try
        {
            using JsonDocument document = JsonDocument.Parse(before.Length > 0 ? before : "{}"u8.ToArray());
            using var json = new Utf8JsonWriter(after, s_form);
            json.WriteStartObject();
            JsonElement auths = default;
            foreach (JsonProperty member in document.RootElement.EnumerateObject())
            {
                if (member.NameEquals("auths"u8))
                    auths = member.Value;
                else
                    member.WriteTo(json);
            }
            json.WriteStartObject("auths"u8);
            writeAuths(auths, json);
            json.WriteEndObject();
            json.WriteEndObject();
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException)
        {
            throw new ContainerException(ContainerErrorKind.InvalidArgument, $"'{path}' is malformed") { Hint = "repair it, or remove it and log in again" };
        }
        return after.ToArray();
    }
}

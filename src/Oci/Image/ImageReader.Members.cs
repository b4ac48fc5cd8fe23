namespace Rundlet.Oci;

public static partial class ImageReader
{
    private static readonly string[] s_manifestMembers = ["schemaVersion", "mediaType", "artifactType", "config", "layers", "subject", "annotations"];
    private static readonly string[] s_indexMembers = ["schemaVersion", "mediaType", "artifactType", "manifests", "subject", "annotations"];
    private static readonly string[] s_descriptorMembers = ["mediaType", "digest", "size", "urls", "annotations", "data", "artifactType", "platform"];
    private static readonly string[] s_platformMembers = ["architecture", "os", "os.version", "os.features", "variant"];
    private static readonly string[] s_layoutMembers = ["imageLayoutVersion"];

    private static ImageManifest ReadManifestMembers(ref JsonCursor json)
    {
        int? version = null;
        string? mediaType = null, artifactType = null;
        Descriptor? config = null, subject = null;
        List<Descriptor>? layers = null;
        Dictionary<string, string>? annotations = null;
        json.BeginObject();
        while (json.NextMember())
            if (json.Is("schemaVersion"u8)) version = json.Int32();
            else if (json.Is("mediaType"u8)) mediaType = json.String();
            else if (json.Is("artifactType"u8)) artifactType = json.String();
            else if (json.Is("config"u8)) config = ReadDescriptor(ref json);
            else if (json.Is("layers"u8)) layers = json.List(ReadDescriptor);
            else if (json.Is("subject"u8)) subject = ReadDescriptor(ref json);
            else if (json.Is("annotations"u8)) annotations = json.StringMap();
            else ImageForm.Ignore(ref json, s_manifestMembers);
        return new ImageManifest
        {
            SchemaVersion = version ?? throw json.Missing("schemaVersion"),
            MediaType = mediaType,
            ArtifactType = artifactType,
            Config = config ?? throw json.Missing("config"),
            Layers = layers,
            Subject = subject,
            Annotations = annotations,
        };
    }

    private static ImageIndex ReadIndexMembers(ref JsonCursor json)
    {
        int? version = null;
        string? mediaType = null, artifactType = null;
        Descriptor? subject = null;
        List<Descriptor>? manifests = null;
        Dictionary<string, string>? annotations = null;
        json.BeginObject();
        while (json.NextMember())
            if (json.Is("schemaVersion"u8)) version = json.Int32();
            else if (json.Is("mediaType"u8)) mediaType = json.String();
            else if (json.Is("artifactType"u8)) artifactType = json.String();
            else if (json.Is("manifests"u8)) manifests = json.List(ReadDescriptor);
            else if (json.Is("subject"u8)) subject = ReadDescriptor(ref json);
            else if (json.Is("annotations"u8)) annotations = json.StringMap();
            else ImageForm.Ignore(ref json, s_indexMembers);
        return new ImageIndex
        {
            SchemaVersion = version ?? throw json.Missing("schemaVersion"),
            MediaType = mediaType,
            ArtifactType = artifactType,
            Manifests = manifests ?? throw json.Missing("manifests"),
            Subject = subject,
            Annotations = annotations,
        };
    }

    private static Descriptor ReadDescriptor(ref JsonCursor json)
    {
        string? mediaType = null, artifactType = null;
        Digest? digest = null;
        long? size = null;
        List<string>? urls = null;
        Dictionary<string, string>? annotations = null;
        byte[]? data = null;
        Platform? platform = null;
        json.BeginObject();
        while (json.NextMember())
            if (json.Is("mediaType"u8)) mediaType = json.String();
            else if (json.Is("digest"u8)) digest = ReadDigest(ref json);
            else if (json.Is("size"u8)) size = json.Int64();
            else if (json.Is("urls"u8)) urls = json.Strings();
            else if (json.Is("annotations"u8)) annotations = json.StringMap();
            else if (json.Is("data"u8)) data = json.Base64();
            else if (json.Is("artifactType"u8)) artifactType = json.String();
            else if (json.Is("platform"u8)) platform = ReadPlatform(ref json);
            else ImageForm.Ignore(ref json, s_descriptorMembers);
        return new Descriptor
        {
            MediaType = mediaType ?? throw json.Missing("mediaType"),
            Digest = digest ?? throw json.Missing("digest"),
            Size = size ?? throw json.Missing("size"),
            Urls = urls,
            Annotations = annotations,
            Data = data,
            ArtifactType = artifactType,
            Platform = platform,
        };
    }

    private static Platform ReadPlatform(ref JsonCursor json)
    {
        string? architecture = null, os = null, version = null, variant = null;
        List<string>? features = null;
        json.BeginObject();
        while (json.NextMember())
            if (json.Is("architecture"u8)) architecture = json.String();
            else if (json.Is("os"u8)) os = json.String();
            else if (json.Is("os.version"u8)) version = json.String();
            else if (json.Is("os.features"u8)) features = json.Strings();
            else if (json.Is("variant"u8)) variant = json.String();
            else ImageForm.Ignore(ref json, s_platformMembers);
        return new Platform
        {
            Architecture = architecture ?? throw json.Missing("architecture"),
            Os = os ?? throw json.Missing("os"),
            OsVersion = version,
            OsFeatures = features,
            Variant = variant,
        };
    }

    private static ImageLayout ReadLayoutMembers(ref JsonCursor json)
    {
        string? version = null;
        json.BeginObject();
        while (json.NextMember())
            if (json.Is("imageLayoutVersion"u8)) version = json.String();
            else ImageForm.Ignore(ref json, s_layoutMembers);
        return new ImageLayout { ImageLayoutVersion = version ?? throw json.Missing("imageLayoutVersion") };
    }

    private static Digest ReadDigest(ref JsonCursor json) =>
        Digest.TryParse(json.String(), out Digest digest) ? digest : throw json.Expected("a sha256 or sha512 digest");
}

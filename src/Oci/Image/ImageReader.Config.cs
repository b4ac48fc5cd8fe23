namespace Rundlet.Oci;

public static partial class ImageReader
{
    private static readonly string[] s_configMembers =
        ["created", "author", "architecture", "os", "os.version", "os.features", "variant", "config", "rootfs", "history"];

    private static readonly string[] s_containerMembers =
    [
        "User", "ExposedPorts", "Env", "Entrypoint", "Cmd", "Volumes", "WorkingDir", "Labels", "StopSignal", "Healthcheck", "Shell", "OnBuild",
    ];

    private static readonly string[] s_healthMembers = ["Test", "Interval", "Timeout", "StartPeriod", "StartInterval", "Retries"];
    private static readonly string[] s_rootMembers = ["type", "diff_ids"];
    private static readonly string[] s_historyMembers = ["created", "created_by", "author", "comment", "empty_layer"];

    private static ImageConfig ReadConfigMembers(ref JsonCursor json)
    {
        string? created = null, author = null, architecture = null, os = null, version = null, variant = null;
        List<string>? features = null;
        ContainerConfig? config = null;
        RootFs? root = null;
        List<HistoryEntry>? history = null;
        json.BeginObject();
        while (json.NextMember())
            if (json.Is("created"u8)) created = json.String();
            else if (json.Is("author"u8)) author = json.String();
            else if (json.Is("architecture"u8)) architecture = json.String();
            else if (json.Is("os"u8)) os = json.String();
            else if (json.Is("os.version"u8)) version = json.String();
            else if (json.Is("os.features"u8)) features = json.Strings();
            else if (json.Is("variant"u8)) variant = json.String();
            else if (json.Is("config"u8)) config = ReadContainerConfig(ref json);
            else if (json.Is("rootfs"u8)) root = ReadRootFs(ref json);
            else if (json.Is("history"u8)) history = json.List(ReadHistory);
            else ImageForm.Ignore(ref json, s_configMembers);
        return new ImageConfig
        {
            Created = created,
            Author = author,
            Architecture = architecture ?? throw json.Missing("architecture"),
            Os = os ?? throw json.Missing("os"),
            OsVersion = version,
            OsFeatures = features,
            Variant = variant,
            Config = config,
            RootFs = root ?? throw json.Missing("rootfs"),
            History = history,
        };
    }

    private static ContainerConfig ReadContainerConfig(ref JsonCursor json)
    {
        var config = new ContainerConfig();
        json.BeginObject();
        while (json.NextMember())
            if (json.Is("User"u8)) config.User = json.String();
            else if (json.Is("ExposedPorts"u8)) config.ExposedPorts = ReadKeys(ref json);
            else if (json.Is("Env"u8)) config.Env = json.Strings();
            else if (json.Is("Entrypoint"u8)) config.Entrypoint = json.Strings();
            else if (json.Is("Cmd"u8)) config.Cmd = json.Strings();
            else if (json.Is("Volumes"u8)) config.Volumes = ReadKeys(ref json);
            else if (json.Is("WorkingDir"u8)) config.WorkingDir = json.String();
            else if (json.Is("Labels"u8)) config.Labels = json.StringMap();
            else if (json.Is("StopSignal"u8)) config.StopSignal = json.String();
            else if (json.Is("Healthcheck"u8)) config.Healthcheck = ReadHealthcheck(ref json);
            else if (json.Is("Shell"u8)) config.Shell = json.Strings();
            else if (json.Is("OnBuild"u8)) config.OnBuild = json.Strings();
            else ImageForm.Ignore(ref json, s_containerMembers);
        return config;
    }

    private static Healthcheck ReadHealthcheck(ref JsonCursor json)
    {
        var check = new Healthcheck();
        json.BeginObject();
        while (json.NextMember())
            if (json.Is("Test"u8)) check.Test = json.Strings();
            else if (json.Is("Interval"u8)) check.Interval = json.Int64();
            else if (json.Is("Timeout"u8)) check.Timeout = json.Int64();
            else if (json.Is("StartPeriod"u8)) check.StartPeriod = json.Int64();
            else if (json.Is("StartInterval"u8)) check.StartInterval = json.Int64();
            else if (json.Is("Retries"u8)) check.Retries = json.Int32();
            else ImageForm.Ignore(ref json, s_healthMembers);
        return check;
    }

    private static RootFs ReadRootFs(ref JsonCursor json)
    {
        string? type = null;
        List<Digest>? ids = null;
        json.BeginObject();
        while (json.NextMember())
            if (json.Is("type"u8)) type = json.String();
            else if (json.Is("diff_ids"u8)) ids = json.List(ReadDigest);
            else ImageForm.Ignore(ref json, s_rootMembers);
        return new RootFs { Type = type ?? throw json.Missing("type"), DiffIds = ids };
    }

    private static HistoryEntry ReadHistory(ref JsonCursor json)
    {
        var entry = new HistoryEntry();
        json.BeginObject();
        while (json.NextMember())
            if (json.Is("created"u8)) entry.Created = json.String();
            else if (json.Is("created_by"u8)) entry.CreatedBy = json.String();
            else if (json.Is("author"u8)) entry.Author = json.String();
            else if (json.Is("comment"u8)) entry.Comment = json.String();
            else if (json.Is("empty_layer"u8)) entry.EmptyLayer = json.Boolean();
            else ImageForm.Ignore(ref json, s_historyMembers);
        return entry;
    }

    /// <summary>A set, written as an object of empty objects: its names. What stands behind them is passed over.</summary>
    private static List<string> ReadKeys(ref JsonCursor json)
    {
        var keys = new List<string>();
        json.BeginObject();
        while (json.NextMember())
        {
            keys.Add(json.Name);
            json.Take();
            json.Pass();
        }
        return keys;
    }
}

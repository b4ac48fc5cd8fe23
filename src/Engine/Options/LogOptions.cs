using System.Globalization;
using Rundlet.Linux;
using Rundlet.Runtime.Supervision;

namespace Rundlet.Engine.Options;

/// <summary><c>--log-driver</c> and <c>--log-opt</c>, as docker has them.</summary>
/// <param name="Driver">One of the names here.</param>
/// <param name="Options">The options as they were given.</param>
public sealed record LogOptions(string Driver, IReadOnlyDictionary<string, string> Options)
{
    /// <summary>Files of JSON records.</summary>
    public const string JsonFile = "json-file";

    /// <summary>The same with docker's bounds for the driver of this name: five files of 20 MB, the old ones packed.</summary>
    public const string Local = "local";

    /// <summary>The machine's journal.</summary>
    public const string Journald = "journald";

    /// <summary>Nothing is kept.</summary>
    public const string None = "none";

    /// <summary>Where journald listens.</summary>
    public const string JournalSocket = "/run/systemd/journal/socket";

    private const long LocalSize = 20L << 20;
    private const int LocalFiles = 5;
    private const long DefaultWaiting = 1L << 20;

    private static readonly string[] s_anywhere = ["mode", "max-buffer-size", "labels", "env", "tag"];
    private static readonly string[] s_files = ["max-size", "max-file", "compress"];

    /// <summary>What a container has of which nothing was said.</summary>
    public static LogOptions Default { get; } = new(JsonFile, new Dictionary<string, string>());

    /// <summary>Reads the flags; null when there are none.</summary>
    /// <param name="driver">The driver's name.</param>
    /// <param name="options">As <c>NAME=value</c>.</param>
    /// <exception cref="ContainerException">InvalidArgument or Unsupported: one of them is wrong.</exception>
    public static LogOptions? Parse(string? driver, IReadOnlyList<string> options)
    {
        if (driver is null && options.Count == 0)
            return null;
        Dictionary<string, string> read = [];
        foreach (string option in options)
        {
            int equals = option.IndexOf('=');
            if (equals <= 0)
                throw new ContainerException(ContainerErrorKind.InvalidArgument, $"invalid log option '{option}'") { Hint = "write NAME=VALUE, as in max-size=10m" };
            read[option[..equals]] = option[(equals + 1)..];
        }
        LogOptions parsed = new(driver ?? JsonFile, read);
        parsed.Validate();
        return parsed;
    }

    /// <summary>What the supervisor is told; null for no log.</summary>
    /// <param name="subject">The container.</param>
    /// <exception cref="ContainerException">InvalidArgument: an option is wrong.</exception>
    internal LogConfig? ToConfig(LogSubject subject)
    {
        Validate();
        return Driver switch
        {
            None => null,
            Journald => new LogConfig { Driver = LogDriver.Journald, Path = JournalSocket, MaxWaiting = Waiting(), Fields = JournalFields(subject) },
            _ => new LogConfig
            {
                Path = $"{subject.Folder}/{Operations.ContainerLogs.FileName}",
                MaxSize = MaxSize(),
                MaxFiles = MaxFiles(),
                Packer = Compresses() ? subject.Packer() : null,
                Fields = subject.Selected(this, tag: Options.GetValueOrDefault("tag")),
            },
        };
    }

    private void Validate()
    {
        if (Driver is not (JsonFile or Local or Journald or None))
            throw new ContainerException(ContainerErrorKind.Unsupported, $"there is no log driver '{Driver}'") { Hint = "there are json-file, local, journald and none" };
        string[] known = Driver switch { None => [], Journald => s_anywhere, _ => [.. s_anywhere, .. s_files] };
        foreach (string name in Options.Keys)
        {
            if (!known.Contains(name))
                throw new ContainerException(ContainerErrorKind.InvalidArgument, $"log driver '{Driver}' has no option '{name}'")
                {
                    Hint = Nearest.Of(name, known) is { } near ? $"did you mean '{near}'?" : known.Length == 0 ? "it keeps nothing" : $"it has {string.Join(", ", known)}",
                };
        }
        if (Compresses() && Options.ContainsKey("compress") && (MaxFiles() < 2 || MaxSize() == 0))
            throw new ContainerException(ContainerErrorKind.InvalidArgument, "log option 'compress' needs rotated files") { Hint = "add --log-opt max-size=10m --log-opt max-file=3" };
        _ = MaxSize(); // read, so that what is wrong is said now
        _ = MaxFiles();
        _ = Waiting();
        LogTag.Validate(Options.GetValueOrDefault("tag"));
    }

    private long MaxSize()
    {
        if (!Options.TryGetValue("max-size", out string? text))
            return Driver == Local ? LocalSize : 0;
        long size = Quantity.ParseBytesOrNone(text, "log option 'max-size'");
        return size == -1 ? 0 : size > 0 ? size : throw Wrong("max-size", text, "a size above 0, as in 10m, or -1 for no limit");
    }

    private int MaxFiles()
    {
        if (!Options.TryGetValue("max-file", out string? text))
            return Driver == Local ? LocalFiles : 1;
        return int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out int files) && files is > 0 and <= 100_000 ? files : throw Wrong("max-file", text, "a number from 1 on");
    }

    private bool Compresses() => !Options.TryGetValue("compress", out string? text)
        ? Driver == Local
        : text switch { "true" => true, "false" => false, _ => throw Wrong("compress", text, "true or false") };

    private long Waiting()
    {
        string mode = Options.GetValueOrDefault("mode", "blocking");
        if (mode is not ("blocking" or "non-blocking"))
            throw Wrong("mode", mode, "blocking or non-blocking");
        if (!Options.TryGetValue("max-buffer-size", out string? text))
            return mode == "blocking" ? 0 : DefaultWaiting;
        if (mode == "blocking")
            throw new ContainerException(ContainerErrorKind.InvalidArgument, "log option 'max-buffer-size' needs mode=non-blocking");
        long size = Quantity.ParseBytes(text, "log option 'max-buffer-size'");
        return size > 0 ? size : throw Wrong("max-buffer-size", text, "a size above 0, as in 4m");
    }

    private Dictionary<string, string> JournalFields(LogSubject subject)
    {
        string tag = LogTag.Expand(Options.GetValueOrDefault("tag") ?? "{{.ID}}", subject);
        Dictionary<string, string> fields = new()
        {
            ["CONTAINER_ID"] = subject.ShortId,
            ["CONTAINER_ID_FULL"] = subject.Id,
            ["CONTAINER_NAME"] = subject.Name,
            ["CONTAINER_TAG"] = tag,
            ["IMAGE_NAME"] = subject.Image,
            ["SYSLOG_IDENTIFIER"] = tag,
        };
        foreach ((string name, string value) in subject.Selected(this, tag: null))
            fields.TryAdd(LogSubject.JournalName(name), value);
        return fields;
    }

    private static ContainerException Wrong(string name, string value, string wanted) =>
        new(ContainerErrorKind.InvalidArgument, $"invalid value '{value}' of log option '{name}'") { Hint = $"write {wanted}" };
}

using System.Text.Json;
using Rundlet.Engine.Documents;
using Rundlet.Engine.Options;
using Rundlet.Linux;
using Rundlet.Oci;

namespace Rundlet.Engine.Cdi;

/// <summary>Reads specification files. A member that is not known may be one that takes something away: it makes the whole file unusable.</summary>
internal static class CdiReader
{
    private const int MaxFileBytes = 4 << 20;

    private static readonly string[] s_versions = ["0.3.0", "0.4.0", "0.5.0", "0.6.0", "0.7.0", "0.8.0", "1.0.0", "1.1.0"];
    private static readonly string[] s_points = ["prestart", "createRuntime", "createContainer", "startContainer", "poststart", "poststop"];

    /// <summary>Reads a file, JSON or YAML by its name.</summary>
    /// <exception cref="ContainerException">InvalidArgument, naming the file and the member.</exception>
    public static CdiFile Read(string path)
    {
        try
        {
            byte[] bytes = FileIo.ReadFile(Syscalls.Sys.AT_FDCWD, path, MaxFileBytes);
            using JsonDocument document = JsonDocument.Parse(path.EndsWith(".json", StringComparison.Ordinal) ? bytes : YamlDocument.ToJson(bytes));
            return ReadFile(path, document.RootElement);
        }
        catch (JsonException e)
        {
            throw Invalid(path, $"line {e.LineNumber + 1} is no JSON");
        }
        catch (Exception e) when (e is FormatException or InvalidOperationException)
        {
            throw Invalid(path, e.Message);
        }
    }

    private static CdiFile ReadFile(string path, JsonElement root)
    {
        string? version = null, kind = null;
        CdiEdits edits = new();
        Dictionary<string, CdiEdits> devices = [];
        foreach ((string name, JsonElement value) in Members(root, "the document"))
        {
            switch (name)
            {
                case "cdiVersion": version = Text(value, name); break;
                case "kind": kind = Text(value, name); break;
                case "annotations": break;
                case "containerEdits": edits = ReadEdits(value, name); break;
                case "devices":
                    foreach (JsonElement device in Items(value, name))
                        ReadDevice(device, devices);
                    break;
                default: throw Unknown(name, "the document");
            }
        }
        if (version is null || !s_versions.Contains(version))
            throw new FormatException($"cdiVersion '{version}' is none of {string.Join(", ", s_versions)}");
        if (kind is null || !CdiName.IsKind(kind))
            throw new FormatException($"kind '{kind}' is no VENDOR/CLASS");
        return devices.Count > 0 ? new CdiFile(path, kind, edits, devices) : throw new FormatException("there are no devices");
    }

    private static void ReadDevice(JsonElement device, Dictionary<string, CdiEdits> devices)
    {
        string? called = null;
        CdiEdits? edits = null;
        foreach ((string name, JsonElement value) in Members(device, "devices"))
        {
            switch (name)
            {
                case "name": called = Text(value, "devices.name"); break;
                case "annotations": break;
                case "containerEdits": edits = ReadEdits(value, "devices.containerEdits"); break;
                default: throw Unknown(name, "devices");
            }
        }
        if (called is null || !CdiName.IsDevice(called))
            throw new FormatException($"'{called}' is no name of a device");
        if (!devices.TryAdd(called, edits ?? throw new FormatException($"device '{called}' has no containerEdits")))
            throw new FormatException($"there are two devices '{called}'");
    }

    private static CdiEdits ReadEdits(JsonElement element, string where)
    {
        CdiEdits edits = new();
        foreach ((string name, JsonElement value) in Members(element, where))
        {
            string what = $"{where}.{name}";
            edits = name switch
            {
                "env" => edits with { Environment = [.. Strings(value, what).Select(text => text.IndexOf('=') > 0 ? text : throw new FormatException($"{what}: '{text}' is not NAME=VALUE"))] },
                "deviceNodes" => edits with { Nodes = [.. Items(value, what).Select(item => ReadNode(item, what))] },
                "netDevices" => edits with { NetDevices = [.. Items(value, what).Select(item => ReadNetDevice(item, what))] },
                "mounts" => edits with { Mounts = [.. Items(value, what).Select(item => ReadMount(item, what))] },
                "hooks" => edits with { Hooks = [.. Items(value, what).Select(item => ReadHook(item, what))] },
                "additionalGids" => edits with { AdditionalGids = [.. Items(value, what).Select(item => Id(item, what)).Where(gid => gid != 0)] },
                "intelRdt" => edits with { IntelRdt = ReadRdt(value, what) },
                _ => throw Unknown(name, where),
            };
        }
        return edits;
    }

    private static CdiNode ReadNode(JsonElement element, string where)
    {
        CdiNode node = new("", "");
        foreach ((string name, JsonElement value) in Members(element, where))
        {
            string what = $"{where}.{name}";
            node = name switch
            {
                "path" => node with { Path = Absolute(value, what) },
                "hostPath" => node with { HostPath = Absolute(value, what) },
                "type" => node with { Type = Text(value, what) is "b" or "c" or "u" or "p" ? value.GetString() : throw new FormatException($"{what}: '{value}' is none of b, c, u, p") },
                "major" => node with { Major = value.GetInt64() },
                "minor" => node with { Minor = value.GetInt64() },
                "fileMode" => node with { FileMode = value.GetUInt32() },
                "permissions" => node with { Permissions = DeviceOption.IsAccess(Text(value, what)) ? value.GetString()! : throw new FormatException($"{what}: '{value}' is no access") },
                "uid" => node with { Uid = Id(value, what) },
                "gid" => node with { Gid = Id(value, what) },
                _ => throw Unknown(name, where),
            };
        }
        if (node.Path.Length == 0)
            throw new FormatException($"{where} has no path");
        return node.HostPath.Length == 0 ? node with { HostPath = node.Path } : node;
    }

    private static (string Host, string Name) ReadNetDevice(JsonElement element, string where)
    {
        string? host = null, inside = null;
        foreach ((string name, JsonElement value) in Members(element, where))
        {
            switch (name)
            {
                case "hostInterfaceName": host = Text(value, where); break;
                case "name": inside = Text(value, where); break;
                default: throw Unknown(name, where);
            }
        }
        return (host ?? throw new FormatException($"{where} has no hostInterfaceName"), inside ?? host);
    }

    private static Mount ReadMount(JsonElement element, string where)
    {
        string? source = null, destination = null, type = null;
        List<string> options = [];
        foreach ((string name, JsonElement value) in Members(element, where))
        {
            switch (name)
            {
                case "hostPath": source = Text(value, where); break;
                case "containerPath": destination = Absolute(value, $"{where}.{name}"); break;
                case "type": type = Text(value, where); break;
                case "options": options = Strings(value, where); break;
                default: throw Unknown(name, where);
            }
        }
        if (source is null || destination is null)
            throw new FormatException($"{where} needs hostPath and containerPath");
        bool isBind = type is null or "" or "bind" || options.Contains("bind") || options.Contains("rbind");
        if (isBind && !options.Contains("bind") && !options.Contains("rbind"))
            options.Insert(0, "rbind");
        return new Mount { Source = source, Destination = destination, Type = isBind ? "bind" : type, Options = options };
    }

    private static (string Point, Hook Hook) ReadHook(JsonElement element, string where)
    {
        string? point = null, path = null;
        List<string>? arguments = null, environment = null;
        int? timeout = null;
        foreach ((string name, JsonElement value) in Members(element, where))
        {
            switch (name)
            {
                case "hookName": point = Text(value, where); break;
                case "path": path = Absolute(value, $"{where}.{name}"); break;
                case "args": arguments = Strings(value, where); break;
                case "env": environment = Strings(value, where); break;
                case "timeout": timeout = value.GetInt32(); break;
                default: throw Unknown(name, where);
            }
        }
        if (path is null || point is null || !s_points.Contains(point))
            throw new FormatException($"{where} needs a path and a hookName, one of {string.Join(", ", s_points)}");
        return (point, new Hook { Path = path, Args = arguments, Env = environment, Timeout = timeout });
    }

    private static IntelRdt ReadRdt(JsonElement element, string where)
    {
        IntelRdt rdt = new();
        foreach ((string name, JsonElement value) in Members(element, where))
        {
            switch (name)
            {
                case "closID": rdt.ClosId = Text(value, where); break;
                case "l3CacheSchema": rdt.L3CacheSchema = Text(value, where); break;
                case "memBwSchema": rdt.MemBwSchema = Text(value, where); break;
                case "schemata": rdt.Schemata = Strings(value, where); break;
                case "enableMonitoring": rdt.EnableMonitoring = value.GetBoolean(); break;
                case "enableCMT": rdt.EnableCmt = value.GetBoolean(); break;
                case "enableMBM": rdt.EnableMbm = value.GetBoolean(); break;
                default: throw Unknown(name, where);
            }
        }
        return rdt;
    }

    private static IEnumerable<(string Name, JsonElement Value)> Members(JsonElement element, string where) => element.ValueKind == JsonValueKind.Object
        ? element.EnumerateObject().Where(member => member.Value.ValueKind != JsonValueKind.Null).Select(member => (member.Name, member.Value))
        : throw new FormatException($"{where} is no object");

    private static IEnumerable<JsonElement> Items(JsonElement element, string where) =>
        element.ValueKind == JsonValueKind.Array ? element.EnumerateArray() : throw new FormatException($"{where} is no list");

    private static List<string> Strings(JsonElement element, string where) => [.. Items(element, where).Select(item => Text(item, where))];

    private static string Text(JsonElement element, string where) =>
        element.ValueKind == JsonValueKind.String && element.GetString() is { } text && !text.Contains('\0') ? text : throw new FormatException($"{where} is no text");

    private static string Absolute(JsonElement element, string where) => Text(element, where) is ['/', ..] path ? path : throw new FormatException($"{where} is no absolute path");

    private static uint Id(JsonElement element, string where) =>
        element.TryGetUInt32(out uint id) && id != uint.MaxValue ? id : throw new FormatException($"{where} is no number of a user or group");

    private static FormatException Unknown(string member, string where) => new($"{where} has the unknown member '{member}'");

    private static ContainerException Invalid(string path, string problem) => new(ContainerErrorKind.InvalidArgument, $"device specification '{path}': {problem}");
}

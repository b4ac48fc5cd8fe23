using System.Text;
using Rundlet.Linux;

namespace Rundlet.Engine.Options;

/// <summary>The fields of a value of <c>--mount</c>, not yet judged together.</summary>
internal sealed class MountFields
{
    private readonly Dictionary<string, string> _driverOptions = [];
    private readonly Dictionary<string, string> _labels = [];

    public string Type { get; private set; } = "volume";

    public string Source { get; private set; } = "";

    public string Target { get; private set; } = "";

    public bool ReadOnly { get; private set; }

    public string Propagation { get; private set; } = "";

    /// <summary>The value of <c>bind-recursive</c>; empty for none.</summary>
    public string Recursive { get; private set; } = "";

    public string TmpfsSize { get; private set; } = "";

    public string TmpfsMode { get; private set; } = "";

    public string TmpfsOptions { get; private set; } = "";

    public bool NoCopy { get; private set; }

    /// <summary><c>shared</c>, <c>private</c>, or null; podman's word for <c>z</c> and <c>Z</c>.</summary>
    public string? Relabel { get; private set; }

    public string? Subpath { get; private set; }

    public string Driver { get; private set; } = "";

    public IReadOnlyDictionary<string, string> DriverOptions => _driverOptions;

    public IReadOnlyDictionary<string, string> Labels => _labels;

    /// <summary>Reads them.</summary>
    /// <exception cref="ContainerException">InvalidArgument: a field is unknown, is no field of this type, or has a wrong value.</exception>
    public static MountFields Parse(string text)
    {
        MountFields fields = new();
        List<string> keys = [];
        foreach (string field in Split(text))
        {
            int equals = field.IndexOf('=');
            string key = (equals < 0 ? field : field[..equals]).ToLowerInvariant();
            fields.Set(key, equals < 0 ? null : field[(equals + 1)..], text);
            keys.Add(key);
        }
        foreach (string key in keys)
        {
            string kind = key[..Math.Max(0, key.IndexOf('-'))];
            if (kind is "bind" or "volume" or "tmpfs" or "image" && kind != fields.Type)
                throw Invalid(text, $"'{key}' is no field of type '{fields.Type}'");
        }
        return fields;
    }

    private void Set(string key, string? value, string text)
    {
        switch (key)
        {
            case "readonly" or "ro": ReadOnly = IsTrue(value, text); return;
            case "volume-nocopy": NoCopy = IsTrue(value, text); return;
            case "bind-nonrecursive": Recursive = IsTrue(value, text) ? "disabled" : Recursive; return;
        }
        if (value is null)
            throw Invalid(text, $"field '{key}' {(IsKnown(key) ? "needs a value" : "is unknown")}");
        switch (key)
        {
            case "type": Type = value.ToLowerInvariant(); break;
            case "source" or "src": Source = value; break;
            case "target" or "destination" or "dst": Target = value; break;
            case "bind-propagation": Propagation = value.ToLowerInvariant(); break;
            case "bind-recursive": Recursive = value; break;
            case "tmpfs-size": TmpfsSize = value; break;
            case "tmpfs-mode": TmpfsMode = value; break;
            case "tmpfs-options": TmpfsOptions = value; break;
            case "volume-subpath" or "image-subpath" or "subpath": Subpath = value; break;
            case "volume-driver": Driver = value; break;
            case "volume-opt": Put(_driverOptions, value, key, text); break;
            case "volume-label": Put(_labels, value, key, text); break;
            case "relabel": Relabel = value is MountOption.SharedLabel or MountOption.PrivateLabel ? value : throw Invalid(text, $"unknown value '{value}' of relabel: want shared or private"); break;
            case "consistency": break; // said to machines that share folders with a guest
            default: throw Invalid(text, $"unknown field '{key}'");
        }
    }

    private static bool IsKnown(string key) => key is "type" or "source" or "src" or "target" or "destination" or "dst" or "bind-propagation" or "bind-recursive"
        or "tmpfs-size" or "tmpfs-mode" or "tmpfs-options" or "volume-subpath" or "image-subpath" or "subpath" or "volume-driver" or "volume-opt" or "volume-label" or "relabel" or "consistency";

    private static void Put(Dictionary<string, string> map, string value, string key, string text)
    {
        int equals = value.IndexOf('=');
        if (equals == 0 || (equals < 0 && key == "volume-opt"))
            throw Invalid(text, $"'{key}' wants KEY=VALUE");
        map[equals < 0 ? value : value[..equals]] = equals < 0 ? "" : value[(equals + 1)..];
    }

    /// <summary>One record of CSV: a field in quotation marks may hold commas, and a mark when it is doubled.</summary>
    private static List<string> Split(string text)
    {
        List<string> fields = [];
        StringBuilder field = new();
        bool quoted = false;
        for (int i = 0; i < text.Length; i++)
        {
            char c = text[i];
            if (quoted && c == '"' && i + 1 < text.Length && text[i + 1] == '"')
                field.Append(text[++i]);
            else if (c == '"' && (quoted || field.Length == 0))
                quoted = !quoted;
            else if (c == ',' && !quoted)
                fields.Add(Take(field));
            else
                field.Append(c);
        }
        if (quoted)
            throw Invalid(text, "a quotation mark is not closed");
        fields.Add(Take(field));
        return fields;
    }

    private static string Take(StringBuilder field)
    {
        string text = field.ToString();
        field.Clear();
        return text;
    }

    private static bool IsTrue(string? value, string text) => value?.ToLowerInvariant() switch
    {
        null or "true" or "1" => true,
        "false" or "0" => false,
        _ => throw Invalid(text, $"'{value}' is neither true nor false"),
    };

    private static ContainerException Invalid(string text, string reason) => new(ContainerErrorKind.InvalidArgument, $"invalid mount '{text}': {reason}");
}

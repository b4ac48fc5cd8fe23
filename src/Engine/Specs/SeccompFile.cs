using System.Globalization;
using System.Runtime.InteropServices;
using System.Text.Json;
using Rundlet.Linux;
using Rundlet.Linux.Capabilities;
using Rundlet.Syscalls;

namespace Rundlet.Engine.Specs;

/// <summary>
/// A seccomp profile as docker and podman publish theirs: the runtime specification's form, and words of their own that are resolved for one
/// container on one machine. What comes out has none of these.
/// <code>
///   archMap                         the architectures of the entry for this machine's
///   syscalls[].includes, excludes   whether the rule is for this container: caps, arches, minKernel
///   syscalls[].name                 an older word for names
///   syscalls[].comment              nothing
///   defaultErrno, syscalls[].errno  podman's names of errors, before defaultErrnoRet and errnoRet
/// </code>
/// </summary>
/// <param name="architecture">This machine's, as Go calls it: <c>amd64</c> or <c>arm64</c>.</param>
/// <param name="kernel">The version of the kernel that runs.</param>
/// <param name="capabilities">The container's bounding set.</param>
internal sealed class SeccompFile(string architecture, Version kernel, CapabilitySet capabilities)
{
    private readonly HashSet<string> _capabilities = [.. capabilities.ToNames()];

    /// <summary>For a container on this machine.</summary>
    /// <param name="capabilities">The container's bounding set.</param>
    public static SeccompFile Here(CapabilitySet capabilities) =>
        new(RuntimeInformation.ProcessArchitecture == Architecture.Arm64 ? "arm64" : "amd64", Environment.OSVersion.Version, capabilities);

    /// <summary>Writes the profile in the runtime specification's form.</summary>
    /// <exception cref="ContainerException">InvalidArgument: says which word is not of its form, or not known.</exception>
    public void Resolve(JsonElement profile, Utf8JsonWriter json)
    {
        Require(profile, JsonValueKind.Object, "the profile");
        json.WriteStartObject();
        foreach (JsonProperty member in profile.EnumerateObject())
        {
            switch (member.Name)
            {
                case "archMap":
                    WriteArchitectures(profile, member.Value, json);
                    break;
                case "defaultErrno":
                    WriteErrno("defaultErrnoRet", member.Value, json);
                    break;
                case "defaultErrnoRet" when Says(profile, "defaultErrno"):
                    break;
                case "syscalls" when member.Value.ValueKind == JsonValueKind.Array:
                    json.WriteStartArray("syscalls");
                    foreach (JsonElement rule in member.Value.EnumerateArray())
                        Write(rule, json);
                    json.WriteEndArray();
                    break;
                default:
                    member.WriteTo(json); // the reader of the specification says what is wrong with it
                    break;
            }
        }
        json.WriteEndObject();
    }

    private void WriteArchitectures(JsonElement profile, JsonElement map, Utf8JsonWriter json)
    {
        if (profile.TryGetProperty("architectures", out JsonElement named) && named is { ValueKind: JsonValueKind.Array } && named.GetArrayLength() > 0 && IsFull(map))
            throw Invalid("there are both 'architectures' and 'archMap'");
        string own = architecture == "arm64" ? "SCMP_ARCH_AARCH64" : "SCMP_ARCH_X86_64";
        foreach (JsonElement entry in Items(map, "archMap"))
        {
            Require(entry, JsonValueKind.Object, "an entry of 'archMap'");
            if (!entry.TryGetProperty("architecture", out JsonElement name) || TextOf(name, "architecture") != own)
                continue;
            json.WriteStartArray("architectures");
            json.WriteStringValue(own);
            foreach (JsonElement relative in entry.TryGetProperty("subArchitectures", out JsonElement relatives) ? Items(relatives, "subArchitectures") : [])
                json.WriteStringValue(TextOf(relative, "subArchitectures"));
            json.WriteEndArray();
            return;
        }
    }

    private void Write(JsonElement rule, Utf8JsonWriter json)
    {
        Require(rule, JsonValueKind.Object, "a rule");
        bool hasName = rule.TryGetProperty("name", out JsonElement name) && name.ValueKind != JsonValueKind.Null && TextOf(name, "name").Length > 0;
        if (hasName && rule.TryGetProperty("names", out JsonElement names) && IsFull(names))
            throw Invalid("a rule has both 'name' and 'names'");
        if (!IsMeant(rule))
            return;
        json.WriteStartObject();
        foreach (JsonProperty member in rule.EnumerateObject())
        {
            switch (member.Name)
            {
                case "includes" or "excludes" or "comment":
                    break;
                case "name":
                    if (!hasName)
                        break;
                    json.WriteStartArray("names");
                    json.WriteStringValue(name.GetString());
                    json.WriteEndArray();
                    break;
                case "names" when hasName:
                    break;
                case "errno":
                    WriteErrno("errnoRet", member.Value, json);
                    break;
                case "errnoRet" when Says(rule, "errno"):
                    break;
                case "args" when member.Value.ValueKind == JsonValueKind.Null:
                    break;
                default:
                    member.WriteTo(json);
                    break;
            }
        }
        json.WriteEndObject();
    }

    private bool IsMeant(JsonElement rule)
    {
        bool isMeant = true;
        if (rule.TryGetProperty("excludes", out JsonElement excludes))
        {
            foreach ((string _, List<bool> holds) in Conditions(excludes, "excludes"))
                isMeant &= !holds.Contains(true);
        }
        if (rule.TryGetProperty("includes", out JsonElement includes))
        {
            // One architecture of several is enough; capabilities must all be there.
            foreach ((string key, List<bool> holds) in Conditions(includes, "includes"))
                isMeant &= key == "arches" ? holds.Count == 0 || holds.Contains(true) : !holds.Contains(false);
        }
        return isMeant;
    }

    private IEnumerable<(string Key, List<bool> Holds)> Conditions(JsonElement filter, string where)
    {
        if (filter.ValueKind == JsonValueKind.Null)
            yield break;
        Require(filter, JsonValueKind.Object, $"'{where}'");
        foreach (JsonProperty condition in filter.EnumerateObject())
        {
            yield return condition.Name switch
            {
                "caps" => ("caps", [.. Items(condition.Value, "caps").Select(item => _capabilities.Contains(TextOf(item, "caps")))]),
                "arches" => ("arches", [.. Items(condition.Value, "arches").Select(item => TextOf(item, "arches") == architecture)]),
                "minKernel" => ("minKernel", [.. MinimumOf(condition.Value) is { } least ? (bool[])[kernel >= least] : []]),
                // Passed over, it would let the rule stand for containers that it is not meant for.
                _ => throw Invalid($"'{where}' has an unknown condition '{condition.Name}'"),
            };
        }
    }

    private static Version? MinimumOf(JsonElement value) =>
        value.ValueKind == JsonValueKind.Null ? null : VersionOf(TextOf(value, "minKernel")) ?? throw Invalid($"invalid kernel version '{value.GetString()}'");

    // "4.8", "6.1.0-18-amd64": the first two numbers count.
    private static Version? VersionOf(string text)
    {
        string[] parts = text.Split('.', 3);
        if (parts.Length < 2)
            return null;
        int end = parts[1].AsSpan().IndexOfAnyExceptInRange('0', '9');
        return int.TryParse(parts[0], NumberStyles.None, CultureInfo.InvariantCulture, out int major)
            && int.TryParse(end < 0 ? parts[1] : parts[1][..end], NumberStyles.None, CultureInfo.InvariantCulture, out int minor)
            ? new Version(major, minor)
            : null;
    }

    private static void WriteErrno(string name, JsonElement value, Utf8JsonWriter json)
    {
        if (value.ValueKind == JsonValueKind.Null || TextOf(value, "errno") is not { Length: > 0 } text)
            return;
        if (!char.IsAsciiLetterUpper(text[0]) || !Enum.TryParse(text, out Errno errno))
            throw Invalid($"unknown errno '{text}'");
        json.WriteNumber(name, (int)errno);
    }

    private static bool Says(JsonElement element, string name) => element.TryGetProperty(name, out JsonElement value) && value is { ValueKind: JsonValueKind.String } && value.GetString()!.Length > 0;

    private static bool IsFull(JsonElement value) => value is { ValueKind: JsonValueKind.Array } && value.GetArrayLength() > 0;

    private static IEnumerable<JsonElement> Items(JsonElement value, string where)
    {
        if (value.ValueKind == JsonValueKind.Null)
            return [];
        Require(value, JsonValueKind.Array, $"'{where}'");
        return value.EnumerateArray();
    }

    private static string TextOf(JsonElement value, string where)
    {
        Require(value, JsonValueKind.String, $"'{where}'");
        return value.GetString()!;
    }

    private static void Require(JsonElement value, JsonValueKind kind, string what)
    {
        if (value.ValueKind != kind)
            throw Invalid($"{what} is {value.ValueKind.ToString().ToLowerInvariant()}, not {kind.ToString().ToLowerInvariant()}");
    }

    private static ContainerException Invalid(string reason) => new(ContainerErrorKind.InvalidArgument, $"seccomp profile: {reason}");
}

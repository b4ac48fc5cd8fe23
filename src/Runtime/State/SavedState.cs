using System.Text.Json;
using Rundlet.Linux;
using Rundlet.Oci;

namespace Rundlet.Runtime.State;

/// <summary>What <c>state.json</c> keeps of a container. The status is not in it: it is read off the process.</summary>
public sealed class SavedState
{
    /// <summary>The version of the specification that the spec named.</summary>
    public string OciVersion { get; set; } = "";

    /// <summary>The container's id.</summary>
    public string Id { get; set; } = "";

    /// <summary>The pid of the container's init on the host; 0 while it is being created.</summary>
    public int Pid { get; set; }

    /// <summary>When that process started, in clock ticks since boot (proc(5), stat field 22): tells it from a later one of the same pid.</summary>
    public ulong StartTime { get; set; }

    /// <summary>The bundle, absolute.</summary>
    public string Bundle { get; set; } = "";

    /// <summary>The root file system, absolute.</summary>
    public string Rootfs { get; set; } = "";

    /// <summary>When it was created.</summary>
    public DateTimeOffset Created { get; set; }

    /// <summary>The user who created it, by number.</summary>
    public uint Owner { get; set; }

    /// <summary>Whether the container stays in its creator's session keyring, and <c>exec</c> in its caller's.</summary>
    public bool KeepsKeyring { get; set; }

    /// <summary>The spec's annotations.</summary>
    public Dictionary<string, string> Annotations { get; } = [];

    /// <summary>The cgroup: controller to absolute path; the v2 hierarchy has the empty name.</summary>
    public Dictionary<string, string> CgroupPaths { get; } = [];

    /// <summary>Whether the spec has hooks: where not, later commands need not read it.</summary>
    public bool HasHooks { get; set; }

    /// <summary>Where the ops of startContainer hooks begin in the plan of the first process, and where the last ends; empty without them.</summary>
    public List<int> StartHookOps { get; } = [];

    /// <summary>The scope of systemd that the container is in; empty where the runtime made the cgroup itself.</summary>
    public string SystemdUnit { get; set; } = "";

    /// <summary>The group of resctrl that its processes are in; <c>/</c> is the default one, empty for none that was asked for.</summary>
    public string RdtGroup { get; set; } = "";

    /// <summary>Whether that group is the container's to remove, having been made for it.</summary>
    public bool MakesRdtGroup { get; set; }

    /// <summary>Whether others may have joined that group: it has a name of its own and not the container's.</summary>
    public bool SharesRdtGroup { get; set; }

    /// <summary>Whether the container has a group of its own within that one, to be measured.</summary>
    public bool HasRdtMonitor { get; set; }

    /// <summary>As JSON.</summary>
    public byte[] ToBytes()
    {
        JsonWriter writer = new();
        writer.WriteStartObject();
        writer.WriteString("ociVersion"u8, OciVersion);
        writer.WriteString("id"u8, Id);
        writer.WriteNumber("pid"u8, Pid);
        writer.WriteNumber("startTime"u8, StartTime);
        writer.WriteString("bundle"u8, Bundle);
        writer.WriteString("rootfs"u8, Rootfs);
        writer.WriteNumber("createdTicks"u8, Created.UtcTicks);
        writer.WriteNumber("owner"u8, Owner);
        if (KeepsKeyring)
            writer.WriteBoolean("keepsKeyring"u8, true);
        if (SystemdUnit.Length > 0)
            writer.WriteString("systemdUnit"u8, SystemdUnit);
        if (RdtGroup.Length > 0)
        {
            writer.WriteString("rdtGroup"u8, RdtGroup);
            writer.WriteBoolean("makesRdtGroup"u8, MakesRdtGroup);
            writer.WriteBoolean("sharesRdtGroup"u8, SharesRdtGroup);
            writer.WriteBoolean("hasRdtMonitor"u8, HasRdtMonitor);
        }
        WriteMap(writer, "annotations"u8, Annotations);
        WriteMap(writer, "cgroupPaths"u8, CgroupPaths);
        if (HasHooks)
        {
            writer.WriteBoolean("hasHooks"u8, true);
            writer.WriteStartArray("startHookOps"u8);
            foreach (int op in StartHookOps)
                writer.WriteNumberValue(op);
            writer.WriteEndArray();
        }
        writer.WriteEndObject();
        return writer.ToArray();
    }

    /// <summary>Reads what <see cref="ToBytes"/> wrote.</summary>
    /// <exception cref="ContainerException">It is damaged.</exception>
    public static SavedState Parse(ReadOnlySpan<byte> json, string id)
    {
        try
        {
            SavedState state = new();
            Utf8JsonReader reader = new(json);
            reader.Read();
            Expect(ref reader, JsonTokenType.StartObject);
            while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
                state.ReadMember(ref reader);
            reader.Read(); // throws for anything behind the object
            return state;
        }
        catch (Exception damaged) when (damaged is JsonException or InvalidOperationException or FormatException or ArgumentOutOfRangeException)
        {
            throw new ContainerException(ContainerErrorKind.Internal, $"state of container '{id}' is damaged: {damaged.Message}") { Hint = $"remove it: delete --force {id}" };
        }
    }

    private void ReadMember(ref Utf8JsonReader reader)
    {
        string name = reader.GetString()!;
        reader.Read();
        switch (name)
        {
            case "ociVersion":
                OciVersion = Text(ref reader);
                break;
            case "id":
                Id = Text(ref reader);
                break;
            case "pid":
                Pid = reader.GetInt32();
                break;
            case "startTime":
                StartTime = reader.GetUInt64();
                break;
            case "bundle":
                Bundle = Text(ref reader);
                break;
            case "rootfs":
                Rootfs = Text(ref reader);
                break;
            case "createdTicks":
                Created = new DateTimeOffset(reader.GetInt64(), TimeSpan.Zero);
                break;
            case "owner":
                Owner = reader.GetUInt32();
                break;
            case "keepsKeyring":
                KeepsKeyring = reader.GetBoolean();
                break;
            case "systemdUnit":
                SystemdUnit = Text(ref reader);
                break;
            case "rdtGroup":
                RdtGroup = Text(ref reader);
                break;
            case "makesRdtGroup":
                MakesRdtGroup = reader.GetBoolean();
                break;
            case "sharesRdtGroup":
                SharesRdtGroup = reader.GetBoolean();
                break;
            case "hasRdtMonitor":
                HasRdtMonitor = reader.GetBoolean();
                break;
            case "annotations":
                ReadMap(ref reader, Annotations);
                break;
            case "cgroupPaths":
                ReadMap(ref reader, CgroupPaths);
                break;
            case "hasHooks":
                HasHooks = reader.GetBoolean();
                break;
            case "startHookOps":
                while (reader.Read() && reader.TokenType != JsonTokenType.EndArray)
                    StartHookOps.Add(reader.GetInt32());
                break;
            default:
                reader.Skip();
                break;
        }
    }

    private static void WriteMap(JsonWriter writer, ReadOnlySpan<byte> name, Dictionary<string, string> map)
    {
        writer.WriteStartObject(name);
        foreach ((string key, string value) in map)
            writer.WriteString(key, value);
        writer.WriteEndObject();
    }

    private static string Text(ref Utf8JsonReader reader) => reader.GetString() ?? throw new FormatException("null in place of a text");

    private static void Expect(ref Utf8JsonReader reader, JsonTokenType type)
    {
        if (reader.TokenType != type)
            throw new FormatException($"{reader.TokenType} in place of {type}");
    }

    private static void ReadMap(ref Utf8JsonReader reader, Dictionary<string, string> map)
    {
        Expect(ref reader, JsonTokenType.StartObject);
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            string key = reader.GetString()!;
            reader.Read();
            map[key] = Text(ref reader);
        }
    }
}

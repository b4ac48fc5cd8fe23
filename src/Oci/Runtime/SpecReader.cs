namespace Rundlet.Oci;

/// <summary>
/// Reads runtime-spec documents. What the specification requires must be there, in the right JSON type and in range; what it makes
/// optional may be absent or null; members it does not know are passed over (config.md, Extensibility), as are <c>vm</c>,
/// <c>windows</c>, <c>solaris</c>, <c>zos</c> and <c>freebsd</c>. A member that stands twice, NUL in a string, text after the document,
/// more than 64 levels or more than <see cref="MaxBytes"/> are refused.
/// </summary>
public static partial class SpecReader
{
    /// <summary>How long a document may be, in bytes; callers need not read more of a file than one byte past this.</summary>
    public const int MaxBytes = JsonCursor.MaxBytes;

    /// <summary>Reads a bundle's <c>config.json</c>.</summary>
    /// <exception cref="SpecFormatException">The document is not JSON or not of the form of config.md; says where.</exception>
    public static Spec Read(ReadOnlySpan<byte> json) => JsonCursor.ReadDocument(json, ReadSpec);

    /// <summary>
    /// As <see cref="Read"/>, but passes over <c>linux.seccomp</c>, most of many documents, for whoever only wants to show the rest: of that
    /// no more is looked at than that it is JSON.
    /// </summary>
    /// <inheritdoc cref="Read" path="/exception"/>
    public static Spec ReadWithoutSeccomp(ReadOnlySpan<byte> json) => JsonCursor.ReadDocument(json, (ref JsonCursor cursor) =>
    {
        cursor.PassesSeccomp = true;
        return ReadSpec(ref cursor);
    });

    /// <summary>Reads a process on its own, as <c>exec --process</c> gets it.</summary>
    /// <inheritdoc cref="Read" path="/exception"/>
    public static Process ReadProcess(ReadOnlySpan<byte> json) => JsonCursor.ReadDocument(json, ReadProcess);

    /// <summary>Reads resources on their own, as <c>update --resources</c> gets them.</summary>
    /// <inheritdoc cref="Read" path="/exception"/>
    public static Resources ReadResources(ReadOnlySpan<byte> json) => JsonCursor.ReadDocument(json, ReadResources);

    /// <summary>Reads a list of mounts on its own, as <c>mounts add</c> gets it.</summary>
    /// <inheritdoc cref="Read" path="/exception"/>
    public static List<Mount> ReadMounts(ReadOnlySpan<byte> json) => JsonCursor.ReadDocument(json, (ref JsonCursor cursor) => cursor.List(ReadMount));

    /// <summary>Reads a container's state, as a runtime's <c>state</c> prints it (runtime.md, State).</summary>
    /// <inheritdoc cref="Read" path="/exception"/>
    public static ContainerState ReadState(ReadOnlySpan<byte> json) => JsonCursor.ReadDocument(json, ReadState);

    private static Spec ReadSpec(ref JsonCursor json)
    {
        var spec = new Spec { OciVersion = "" };
        string? version = null;
        json.BeginObject();
        while (json.NextMember())
            if (json.Is("ociVersion"u8)) version = json.String();
            else if (json.Is("process"u8)) spec.Process = ReadProcess(ref json);
            else if (json.Is("root"u8)) spec.Root = ReadRoot(ref json);
            else if (json.Is("hostname"u8)) spec.Hostname = json.String();
            else if (json.Is("domainname"u8)) spec.Domainname = json.String();
            else if (json.Is("mounts"u8)) spec.Mounts = json.List(ReadMount);
            else if (json.Is("hooks"u8)) spec.Hooks = ReadHooks(ref json);
            else if (json.Is("annotations"u8)) spec.Annotations = json.StringMap();
            else if (json.Is("linux"u8)) spec.Linux = ReadLinux(ref json);
            else json.Ignore();
        spec.OciVersion = version ?? throw json.Missing("ociVersion");
        return spec;
    }

    private static Root ReadRoot(ref JsonCursor json)
    {
        string? path = null;
        bool isReadonly = false;
        json.BeginObject();
        while (json.NextMember())
            if (json.Is("path"u8)) path = json.String();
            else if (json.Is("readonly"u8)) isReadonly = json.Boolean();
            else json.Ignore();
        return new Root { Path = path ?? throw json.Missing("path"), Readonly = isReadonly };
    }

    private static Mount ReadMount(ref JsonCursor json)
    {
        var mount = new Mount { Destination = "" };
        string? destination = null;
        json.BeginObject();
        while (json.NextMember())
            if (json.Is("destination"u8)) destination = json.String();
            else if (json.Is("type"u8)) mount.Type = json.String();
            else if (json.Is("source"u8)) mount.Source = json.String();
            else if (json.Is("options"u8)) mount.Options = json.Strings();
            else if (json.Is("uidMappings"u8)) mount.UidMappings = json.List(ReadIdMapping);
            else if (json.Is("gidMappings"u8)) mount.GidMappings = json.List(ReadIdMapping);
            else json.Ignore();
        mount.Destination = destination ?? throw json.Missing("destination");
        return mount;
    }

    private static Hooks ReadHooks(ref JsonCursor json)
    {
        var hooks = new Hooks();
        json.BeginObject();
        while (json.NextMember())
            if (json.Is("prestart"u8)) hooks.Prestart = json.List(ReadHook);
            else if (json.Is("createRuntime"u8)) hooks.CreateRuntime = json.List(ReadHook);
            else if (json.Is("createContainer"u8)) hooks.CreateContainer = json.List(ReadHook);
            else if (json.Is("startContainer"u8)) hooks.StartContainer = json.List(ReadHook);
            else if (json.Is("poststart"u8)) hooks.Poststart = json.List(ReadHook);
            else if (json.Is("poststop"u8)) hooks.Poststop = json.List(ReadHook);
            else json.Ignore();
        return hooks;
    }

    private static Hook ReadHook(ref JsonCursor json)
    {
        var hook = new Hook { Path = "" };
        string? path = null;
        json.BeginObject();
        while (json.NextMember())
            if (json.Is("path"u8)) path = json.String();
            else if (json.Is("args"u8)) hook.Args = json.Strings();
            else if (json.Is("env"u8)) hook.Env = json.Strings();
            else if (json.Is("timeout"u8)) hook.Timeout = json.Int32();
            else json.Ignore();
        hook.Path = path ?? throw json.Missing("path");
        return hook;
    }

    private static ContainerState ReadState(ref JsonCursor json)
    {
        string? version = null, id = null, status = null, bundle = null;
        int? pid = null;
        Dictionary<string, string>? annotations = null;
        json.BeginObject();
        while (json.NextMember())
            if (json.Is("ociVersion"u8)) version = json.String();
            else if (json.Is("id"u8)) id = json.String();
            else if (json.Is("status"u8)) status = json.String();
            else if (json.Is("pid"u8)) pid = json.Int32();
            else if (json.Is("bundle"u8)) bundle = json.String();
            else if (json.Is("annotations"u8)) annotations = json.StringMap();
            else json.Ignore();
        return new ContainerState
        {
            OciVersion = version ?? throw json.Missing("ociVersion"),
            Id = id ?? throw json.Missing("id"),
            Status = status ?? throw json.Missing("status"),
            Pid = pid,
            Bundle = bundle ?? throw json.Missing("bundle"),
            Annotations = annotations,
        };
    }
}

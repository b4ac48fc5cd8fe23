namespace Rundlet.Oci;

/// <summary>Writes runtime-spec documents. Absent members are left out; what <see cref="SpecReader"/> reads back is the same.</summary>
public static partial class SpecWriter
{
    /// <summary>Writes a bundle's <c>config.json</c>.</summary>
    public static void Write(JsonWriter json, Spec spec) => json.Element(spec, WriteSpec);

    /// <summary>Writes a process on its own, for <c>exec --process</c>.</summary>
    public static void Write(JsonWriter json, Process process) => json.Element(process, WriteProcess);

    /// <summary>Writes resources on their own, for <c>update --resources</c>.</summary>
    public static void Write(JsonWriter json, Resources resources) => json.Element(resources, WriteResources);

    /// <summary>Writes a container's state, for a hook's standard input (runtime.md, State).</summary>
    public static void Write(JsonWriter json, ContainerState state) => json.Element(state, WriteState);

    /// <summary>A bundle's <c>config.json</c> in UTF-8.</summary>
    public static byte[] ToBytes(Spec spec, bool indented = false) => ToBytes(spec, WriteSpec, indented);

    /// <summary>A process in UTF-8, for <c>exec --process</c>.</summary>
    public static byte[] ToBytes(Process process, bool indented = false) => ToBytes(process, WriteProcess, indented);

    /// <summary>Resources in UTF-8, for <c>update --resources</c>.</summary>
    public static byte[] ToBytes(Resources resources, bool indented = false) => ToBytes(resources, WriteResources, indented);

    /// <summary>A container's state in UTF-8, for a hook's standard input.</summary>
    public static byte[] ToBytes(ContainerState state, bool indented = false) => ToBytes(state, WriteState, indented);

    private static byte[] ToBytes<T>(T value, JsonMembersOf<T> write, bool indented) where T : class
    {
        JsonWriter json = new(indented);
        json.Element(value, write);
        return json.ToArray();
    }

    private static void WriteSpec(JsonWriter json, Spec spec)
    {
        json.Member("ociVersion"u8, spec.OciVersion);
        json.Member("process"u8, spec.Process, WriteProcess);
        json.Member("root"u8, spec.Root, WriteRoot);
        json.Member("hostname"u8, spec.Hostname);
        json.Member("domainname"u8, spec.Domainname);
        json.Member("mounts"u8, spec.Mounts, WriteMount);
        json.Member("hooks"u8, spec.Hooks, WriteHooks);
        json.Member("annotations"u8, spec.Annotations);
        json.Member("linux"u8, spec.Linux, WriteLinux);
    }

    private static void WriteRoot(JsonWriter json, Root root)
    {
        json.Member("path"u8, root.Path);
        json.MemberIfTrue("readonly"u8, root.Readonly);
    }

    private static void WriteMount(JsonWriter json, Mount mount)
    {
        json.Member("destination"u8, mount.Destination);
        json.Member("type"u8, mount.Type);
        json.Member("source"u8, mount.Source);
        json.Member("options"u8, mount.Options);
        json.Member("uidMappings"u8, mount.UidMappings, WriteIdMapping);
        json.Member("gidMappings"u8, mount.GidMappings, WriteIdMapping);
    }

    private static void WriteHooks(JsonWriter json, Hooks hooks)
    {
        json.Member("prestart"u8, hooks.Prestart, WriteHook);
        json.Member("createRuntime"u8, hooks.CreateRuntime, WriteHook);
        json.Member("createContainer"u8, hooks.CreateContainer, WriteHook);
        json.Member("startContainer"u8, hooks.StartContainer, WriteHook);
        json.Member("poststart"u8, hooks.Poststart, WriteHook);
        json.Member("poststop"u8, hooks.Poststop, WriteHook);
    }

    private static void WriteHook(JsonWriter json, Hook hook)
    {
        json.Member("path"u8, hook.Path);
        json.Member("args"u8, hook.Args);
        json.Member("env"u8, hook.Env);
        json.Member("timeout"u8, hook.Timeout);
    }

    private static void WriteState(JsonWriter json, ContainerState state)
    {
        json.Member("ociVersion"u8, state.OciVersion);
        json.Member("id"u8, state.Id);
        json.Member("status"u8, state.Status);
        json.Member("pid"u8, state.Pid);
        json.Member("bundle"u8, state.Bundle);
        json.Member("annotations"u8, state.Annotations);
    }
}

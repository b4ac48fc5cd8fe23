using Rundlet.Oci;
using Rundlet.Runtime;

namespace Rundlet.Runcs.Commands;

/// <summary>A container as <c>state</c> and <c>list -f json</c> print it: runc's members in runc's order.</summary>
internal static class StateJson
{
    /// <summary>One container, indented, with a line break.</summary>
    public static byte[] Of(ContainerHandle container)
    {
        JsonWriter json = new(indented: true);
        Write(json, container);
        json.EndLine();
        return json.ToArray();
    }

    /// <summary>One container as an object.</summary>
    public static void Write(JsonWriter writer, ContainerHandle container)
    {
        Runtime.State.SavedState? state = container.State;
        bool ended = container.Status is ContainerStatus.Stopped or ContainerStatus.Creating;
        writer.WriteStartObject();
        writer.WriteString("ociVersion"u8, state?.OciVersion is { Length: > 0 } version ? version : VersionText.Spec);
        writer.WriteString("id"u8, container.Folder.Id);
        writer.WriteNumber("pid"u8, ended ? 0 : state?.Pid ?? 0);
        writer.WriteString("status"u8, container.StatusWord);
        writer.WriteString("bundle"u8, state?.Bundle ?? "");
        writer.WriteString("rootfs"u8, state?.Rootfs ?? "");
        writer.WriteString("created"u8, Timestamp.Of(state?.Created ?? DateTimeOffset.UnixEpoch));
        if (state?.Annotations is { Count: > 0 } annotations)
        {
            writer.WriteStartObject("annotations"u8);
            foreach ((string key, string value) in annotations)
                writer.WriteString(key, value);
            writer.WriteEndObject();
        }
        writer.WriteString("owner"u8, OwnerName.Of(state?.Owner ?? 0));
        writer.WriteEndObject();
    }
}

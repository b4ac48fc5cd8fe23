using System.Text.Json;
using Rundlet.Oci;

namespace Rundlet.Runtime.Supervision;

/// <summary>A response of the control protocol: nothing, a pid, a state, or a failure.</summary>
public sealed class ControlResponse
{
    /// <summary>Done, with nothing to say.</summary>
    public static ControlResponse Done { get; } = new();

    /// <summary>Why it was not done; null where it was.</summary>
    public SupervisorFailure? Failure { get; init; }

    /// <summary>Exec: the new process. With a terminal, its master side comes along as an fd.</summary>
    public int? Pid { get; init; }

    /// <summary>State: where the container stands.</summary>
    public ContainerRuntimeState? State { get; init; }

    /// <summary>Reads a response.</summary>
    /// <exception cref="SpecFormatException">It is not of this form; says where.</exception>
    public static ControlResponse Read(ReadOnlySpan<byte> document) => JsonCursor.ReadDocument(document, Read);

    /// <summary>The response.</summary>
    public byte[] ToBytes() => SupervisionJson.ToBytes(WriteMembers);

    private void WriteMembers(JsonWriter json)
    {
        Failure?.Write(json);
        json.Member("pid"u8, Pid);
        if (State is not { } state)
            return;
        json.WriteStartObject("state"u8);
        state.WriteMembers(json);
        json.WriteEndObject();
    }

    private static ControlResponse Read(ref JsonCursor json)
    {
        SupervisorFailure? failure = null;
        int? pid = null;
        ContainerRuntimeState? state = null;
        json.BeginObject();
        while (json.NextMember())
            if (json.Is("error"u8)) failure = SupervisorFailure.Read(ref json);
            else if (json.Is("pid"u8)) pid = json.Int32();
            else if (json.Is("state"u8)) state = ContainerRuntimeState.Read(ref json);
            else json.Ignore();
        return new ControlResponse { Failure = failure, Pid = pid, State = state };
    }
}

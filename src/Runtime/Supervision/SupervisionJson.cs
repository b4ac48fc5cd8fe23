using System.Buffers.Text;
using System.Text;
using Rundlet.Oci;

namespace Rundlet.Runtime.Supervision;

// What belongs in this folder: everything that the engine and a container's supervisor must agree on. The documents
// on disk, the launch line, the control protocol, and the engine's side of both. The supervisor itself is src/Supervisor.
//
//   disk            SupervisorConfig (engine writes), ContainerRuntimeState and ExitRecord (supervisor writes)
//   launch line     LaunchMessage over SOCK_SEQPACKET, from the supervisor's exec until the container has started
//   control socket  Frame over SOCK_STREAM: ControlRequest, ControlResponse, streams, ExitRecord
//   event log       EventLog of EventMessages (both write), EventConfig tells the supervisor where and what
//   engine's side   SupervisorProgram starts one, SupervisorLaunch drives the line, SupervisorConnection talks to the socket

/// <summary>What the documents of this folder have in common.</summary>
internal static class SupervisionJson
{
    public static byte[] ToBytes(Action<JsonWriter> members)
    {
        JsonWriter json = new();
        json.WriteStartObject();
        members(json);
        json.WriteEndObject();
        return json.ToArray();
    }

    /// <summary>Writes a moment in RFC 3339 with seven digits of a second; nothing for null.</summary>
    public static void Moment(this JsonWriter json, ReadOnlySpan<byte> name, DateTimeOffset? value)
    {
        if (value is not { } moment)
            return;
        Span<byte> text = stackalloc byte[40];
        Utf8Formatter.TryFormat(moment.UtcDateTime, text, out int length, 'O');
        json.WriteString(name, text[..length]);
    }

    /// <summary>Reads what <see cref="Moment(JsonWriter, ReadOnlySpan{byte}, DateTimeOffset?)"/> wrote.</summary>
    public static DateTimeOffset Moment(ref JsonCursor json)
    {
        string text = json.String();
        return Utf8Parser.TryParse(Encoding.UTF8.GetBytes(text), out DateTimeOffset value, out int used, 'O') && used == text.Length
            ? value
            : throw json.Expected("a moment in RFC 3339 with seven digits of a second");
    }
}

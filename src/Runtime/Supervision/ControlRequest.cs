using System.Text.Json;
using Rundlet.Oci;

namespace Rundlet.Runtime.Supervision;

/// <summary>A request of the control protocol.</summary>
public sealed class ControlRequest
{
    private static readonly string[] s_operations = ["attach", "exec", "signal", "stop", "wait", "resize", "state", "pause", "resume", "clearLog", "restart", "serveNames", "servePorts"];

    /// <summary>What is asked for.</summary>
    public required ControlOperation Operation { get; init; }

    /// <summary>Attach: whether the client sends stdin.</summary>
    public bool Stdin { get; init; }

    /// <summary>Attach: whether the client wants stdout.</summary>
    public bool Stdout { get; init; }

    /// <summary>Attach: whether the client wants stderr.</summary>
    public bool Stderr { get; init; }

    /// <summary>Exec: what to run. Three fds come along as its stdio, unless it has a terminal or <see cref="Detach"/> is set.</summary>
    public Process? Process { get; init; }

    /// <summary>Exec: whether nobody waits; stdio is /dev/null where no fds come along.</summary>
    public bool Detach { get; init; }

    /// <summary>Signal, stop: its number, 1 to 64; null with stop means the configured one.</summary>
    public int? Signal { get; init; }

    /// <summary>Stop: how long to wait before killing, in milliseconds; negative for ever; null means the configured time.</summary>
    public int? TimeoutMs { get; init; }

    /// <summary>Resize: rows.</summary>
    public ushort Rows { get; init; }

    /// <summary>Resize: columns.</summary>
    public ushort Columns { get; init; }

    /// <summary>Reads a request.</summary>
    /// <exception cref="SpecFormatException">It is not of this form; says where.</exception>
    public static ControlRequest Read(ReadOnlySpan<byte> document) => JsonCursor.ReadDocument(document, Read);

    /// <summary>The request.</summary>
    public byte[] ToBytes() => SupervisionJson.ToBytes(WriteMembers);

    private void WriteMembers(JsonWriter json)
    {
        json.WriteString("op"u8, s_operations[(int)Operation]);
        json.MemberIfTrue("stdin"u8, Stdin);
        json.MemberIfTrue("stdout"u8, Stdout);
        json.MemberIfTrue("stderr"u8, Stderr);
        if (Process is { } process)
        {
            json.WritePropertyName("process"u8);
            SpecWriter.Write(json, process);
        }
        json.MemberIfTrue("detach"u8, Detach);
        json.Member("signal"u8, Signal);
        json.Member("timeoutMs"u8, TimeoutMs);
        if (Operation != ControlOperation.Resize)
            return;
        json.WriteNumber("rows"u8, Rows);
        json.WriteNumber("columns"u8, Columns);
    }

    private static ControlRequest Read(ref JsonCursor json)
    {
        int operation = -1;
        bool stdin = false, stdout = false, stderr = false, detach = false;
        Process? process = null;
        int? signal = null, timeout = null;
        ushort rows = 0, columns = 0;
        json.BeginObject();
        while (json.NextMember())
            if (json.Is("op"u8)) operation = Array.IndexOf(s_operations, json.String());
            else if (json.Is("stdin"u8)) stdin = json.Boolean();
            else if (json.Is("stdout"u8)) stdout = json.Boolean();
            else if (json.Is("stderr"u8)) stderr = json.Boolean();
            else if (json.Is("process"u8)) process = SpecReader.ReadProcess(json.Raw());
            else if (json.Is("detach"u8)) detach = json.Boolean();
            else if (json.Is("signal"u8)) signal = json.Int32();
            else if (json.Is("timeoutMs"u8)) timeout = json.Int32();
            else if (json.Is("rows"u8)) rows = json.UInt16();
            else if (json.Is("columns"u8)) columns = json.UInt16();
            else json.Ignore();
        return new ControlRequest
        {
            Operation = operation >= 0 ? (ControlOperation)operation : throw json.Missing("op"),
            Stdin = stdin,
            Stdout = stdout,
            Stderr = stderr,
            Process = process,
            Detach = detach,
            Signal = signal,
            TimeoutMs = timeout,
            Rows = rows,
            Columns = columns,
        };
    }
}

using System.Text.Json;
using Rundlet.Oci;

namespace Rundlet.Runtime.Supervision;

/// <summary>One check of a container's health.</summary>
public sealed class HealthProbe
{
    /// <summary>The most bytes of output that are kept of one.</summary>
    public const int MaxOutput = 4096;

    /// <summary>The exit code of one that was not run to its end.</summary>
    public const int NotFinished = -1;

    /// <summary>When it began.</summary>
    public required DateTimeOffset Start { get; init; }

    /// <summary>When it had ended.</summary>
    public required DateTimeOffset End { get; init; }

    /// <summary>0 is healthy.</summary>
    public required int ExitCode { get; init; }

    /// <summary>The beginning of what it wrote, on both streams.</summary>
    public string Output { get; init; } = "";

    internal static HealthProbe Read(ref JsonCursor json)
    {
        DateTimeOffset start = default, end = default;
        int? code = null;
        string output = "";
        json.BeginObject();
        while (json.NextMember())
            if (json.Is("start"u8)) start = SupervisionJson.Moment(ref json);
            else if (json.Is("end"u8)) end = SupervisionJson.Moment(ref json);
            else if (json.Is("exitCode"u8)) code = json.Int32();
            else if (json.Is("output"u8)) output = json.String();
            else json.Ignore();
        return new HealthProbe { Start = start, End = end, ExitCode = code ?? throw json.Missing("exitCode"), Output = output };
    }

    internal void Write(JsonWriter json)
    {
        json.WriteStartObject();
        json.Moment("start"u8, Start);
        json.Moment("end"u8, End);
        json.WriteNumber("exitCode"u8, ExitCode);
        json.WriteString("output"u8, Output);
        json.WriteEndObject();
    }
}

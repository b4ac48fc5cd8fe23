using System.Text;
using System.Text.Json;
using Rundlet.Engine.Diagnosis;
using Rundlet.Runtime.Supervision;

namespace Rundlet.Cli.Output;

/// <summary>Why a container is where it is, for people and for programs.</summary>
internal static class ExplanationText
{
    /// <summary>For people.</summary>
    /// <remarks>What a log, an image or a name holds can neither forge a line nor colour one.</remarks>
    public static string Of(Explanation explanation, DateTimeOffset now)
    {
        StringBuilder text = new();
        text.Append(explanation.Record.Name).Append(": ").Append(Human.Status(explanation.Standing, now)).Append('\n');
        foreach (Finding finding in explanation.Findings)
        {
            text.Append("  ").Append(Human.Printable(finding.Text)).Append('\n');
            if (finding.Hint is { } hint)
                text.Append("  hint: ").Append(Human.Printable(hint)).Append('\n');
        }
        if (explanation.LastLines.Count > 0)
            text.Append("the end of its log:\n");
        foreach (string line in explanation.LastLines)
            text.Append("  | ").Append(Human.Printable(line)).Append('\n');
        return text.ToString();
    }

    /// <summary>For programs: the members of an object.</summary>
    public static void Write(Utf8JsonWriter json, Explanation explanation)
    {
        ExitRecord? exit = explanation.Standing.Exit;
        json.WriteString("Id"u8, explanation.Record.Id);
        json.WriteString("Name"u8, explanation.Record.Name);
        json.WriteString("Status"u8, explanation.Standing.Phase.ToString().ToLowerInvariant());
        if (exit is not null)
        {
            json.WriteNumber("ExitCode"u8, exit.ExitCode);
            json.WriteNumber("Signal"u8, exit.Signal ?? 0);
            json.WriteBoolean("OOMKilled"u8, exit.OomKilled);
            json.WriteMoment("FinishedAt", exit.FinishedAt);
        }
        json.WriteStartArray("Findings"u8);
        foreach (Finding finding in explanation.Findings)
        {
            json.WriteStartObject();
            json.WriteString("Text"u8, finding.Text);
            json.WriteString("Hint"u8, finding.Hint ?? "");
            json.WriteEndObject();
        }
        json.WriteEndArray();
        json.WriteStrings("LastLines", explanation.LastLines);
    }
}

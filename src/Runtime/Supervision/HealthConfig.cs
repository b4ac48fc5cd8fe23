using System.Text.Json;
using Rundlet.Oci;

namespace Rundlet.Runtime.Supervision;

/// <summary>How a container's health is checked: Dockerfile reference, HEALTHCHECK.</summary>
public sealed class HealthConfig
{
    private static readonly string[] s_actions = ["none", "restart", "stop", "kill"];

    /// <summary>Program and arguments; exit code 0 is healthy.</summary>
    public required IReadOnlyList<string> Command { get; init; }

    /// <summary>From the end of a check to the next one, in milliseconds.</summary>
    public int IntervalMs { get; init; } = 30_000;

    /// <summary>The longest that a check may take, in milliseconds.</summary>
    public int TimeoutMs { get; init; } = 30_000;

    /// <summary>How long after the start failures do not count, in milliseconds.</summary>
    public int StartPeriodMs { get; init; }

    /// <summary>The interval in that time, until the first success.</summary>
    public int StartIntervalMs { get; init; } = 5_000;

    /// <summary>So many failures in a row make the container unhealthy.</summary>
    public int Retries { get; init; } = 3;

    /// <summary>What is done then.</summary>
    public UnhealthyAction OnUnhealthy { get; init; }

    /// <summary>Reads the word for an action; null where it is none.</summary>
    public static UnhealthyAction? TryParseAction(string text) => Array.IndexOf(s_actions, text) is >= 0 and int action ? (UnhealthyAction)action : null;

    internal static HealthConfig Read(ref JsonCursor json)
    {
        List<string>? command = null;
        int interval = 30_000, timeout = 30_000, startPeriod = 0, startInterval = 5_000, retries = 3;
        UnhealthyAction action = UnhealthyAction.None;
        json.BeginObject();
        while (json.NextMember())
            if (json.Is("command"u8)) command = json.Strings();
            else if (json.Is("intervalMs"u8)) interval = json.Int32();
            else if (json.Is("timeoutMs"u8)) timeout = json.Int32();
            else if (json.Is("startPeriodMs"u8)) startPeriod = json.Int32();
            else if (json.Is("startIntervalMs"u8)) startInterval = json.Int32();
            else if (json.Is("retries"u8)) retries = json.Int32();
            else if (json.Is("onUnhealthy"u8)) action = TryParseAction(json.String()) ?? throw json.Expected("'none', 'restart', 'stop' or 'kill'");
            else json.Ignore();
        return new HealthConfig
        {
            Command = command is { Count: > 0 } ? command : throw json.Missing("command"),
            IntervalMs = interval,
            TimeoutMs = timeout,
            StartPeriodMs = startPeriod,
            StartIntervalMs = startInterval,
            Retries = retries,
            OnUnhealthy = action,
        };
    }

    internal void Write(JsonWriter json)
    {
        json.WriteStartObject("health"u8);
        json.Member("command"u8, [.. Command]);
        json.WriteNumber("intervalMs"u8, IntervalMs);
        json.WriteNumber("timeoutMs"u8, TimeoutMs);
        json.WriteNumber("startPeriodMs"u8, StartPeriodMs);
        json.WriteNumber("startIntervalMs"u8, StartIntervalMs);
        json.WriteNumber("retries"u8, Retries);
        json.WriteString("onUnhealthy"u8, s_actions[(int)OnUnhealthy]);
        json.WriteEndObject();
    }
}

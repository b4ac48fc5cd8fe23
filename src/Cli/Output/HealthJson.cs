using System.Text.Json;
using Rundlet.Engine;
using Rundlet.Engine.Lifecycle;
using Rundlet.Engine.State;
using Rundlet.Runtime.Supervision;

namespace Rundlet.Cli.Output;

/// <summary>A container's health and how it is checked, in the shape of docker's <c>inspect</c>.</summary>
internal static class HealthJson
{
    private const long NanosecondsPerMillisecond = 1_000_000;

    /// <summary>Writes <c>State.Health</c>; nothing where nobody checks it.</summary>
    public static void WriteState(Utf8JsonWriter json, EnginePaths paths, ContainerRecord record, ContainerStanding standing)
    {
        if (standing.State?.Health is null || HealthState.TryReadIn(paths.Live(record.Id)) is not { } health)
            return;
        json.WriteStartObject("Health"u8);
        json.WriteString("Status"u8, HealthState.NameOf(health.Status));
        json.WriteNumber("FailingStreak"u8, health.FailingStreak);
        json.WriteStartArray("Log"u8);
        foreach (HealthProbe probe in health.Log)
        {
            json.WriteStartObject();
            json.WriteString("Start"u8, probe.Start);
            json.WriteString("End"u8, probe.End);
            json.WriteNumber("ExitCode"u8, probe.ExitCode);
            json.WriteString("Output"u8, probe.Output);
            json.WriteEndObject();
        }
        json.WriteEndArray();
        json.WriteEndObject();
    }

    /// <summary>Writes <c>Config.Healthcheck</c>: what came of the image's word and the user's.</summary>
    public static void WriteConfig(Utf8JsonWriter json, HealthConfig health)
    {
        json.WriteStartObject("Healthcheck"u8);
        json.WriteStrings("Test", ["CMD", .. health.Command]);
        json.WriteNumber("Interval"u8, health.IntervalMs * NanosecondsPerMillisecond);
        json.WriteNumber("Timeout"u8, health.TimeoutMs * NanosecondsPerMillisecond);
        json.WriteNumber("StartPeriod"u8, health.StartPeriodMs * NanosecondsPerMillisecond);
        json.WriteNumber("StartInterval"u8, health.StartIntervalMs * NanosecondsPerMillisecond);
        json.WriteNumber("Retries"u8, health.Retries);
        json.WriteEndObject();
    }
}

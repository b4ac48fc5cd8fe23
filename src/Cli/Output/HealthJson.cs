using System.Text.Json;
using Rundlet.Engine;
using Rundlet.Engine.Lifecycle;
using Rundlet.Engine.State;
using Rundlet.Oci;
using Rundlet.Runtime.Supervision;

namespace Rundlet.Cli.Output;

/// <summary>A container's health and how it is checked, in the shape of docker's <c>inspect</c>.</summary>
internal static class HealthJson
{
    private const long NanosecondsPerMillisecond = 1_000_000;

    /// <summary>
    /// Writes <c>State.Health</c>; nothing where nobody checks it. Of a container that has ended it is what the last checks said, and the
    /// status, as docker has it, unhealthy.
    /// </summary>
    public static void WriteState(Utf8JsonWriter json, EnginePaths paths, ContainerRecord record, ContainerStanding standing)
    {
        bool isLive = standing.State is not null;
        if ((isLive && standing.State!.Health is null) || HealthState.TryReadIn(isLive ? paths.Live(record.Id) : paths.Container(record.Id)) is not { } health)
            return;
        json.WriteStartObject("Health"u8);
        json.WriteString("Status"u8, HealthState.NameOf(standing.IsRunning ? health.Status : HealthStatus.Unhealthy));
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
    public static void WriteConfig(Utf8JsonWriter json, HealthConfig health) => ImageJson.WriteHealthcheck(json, new Healthcheck
    {
        Test = ["CMD", .. health.Command],
        Interval = health.IntervalMs * NanosecondsPerMillisecond,
        Timeout = health.TimeoutMs * NanosecondsPerMillisecond,
        StartPeriod = health.StartPeriodMs * NanosecondsPerMillisecond,
        StartInterval = health.StartIntervalMs * NanosecondsPerMillisecond,
        Retries = health.Retries,
    });
}

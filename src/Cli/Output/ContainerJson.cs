using System.Text.Json;
using Rundlet.Engine;
using Rundlet.Engine.Lifecycle;
using Rundlet.Engine.Operations;
using Rundlet.Engine.Options;
using Rundlet.Engine.Specs;
using Rundlet.Engine.State;
using Rundlet.Runtime.Supervision;

namespace Rundlet.Cli.Output;

/// <summary>A container in the shape of docker's <c>inspect</c>; its larger parts in files of their own.</summary>
internal static class ContainerJson
{
    /// <summary>Writes the members of its object.</summary>
    public static void Write(Utf8JsonWriter json, EnginePaths paths, InspectContainer container)
    {
        ContainerRecord record = container.Record;
        Oci.Process process = container.Spec.Process!;
        string folder = paths.Container(record.Id);
        json.WriteString("Id"u8, record.Id);
        json.WriteString("Created"u8, record.Created);
        IReadOnlyList<string> command = ReaperProgram.Without(process.Args!);
        json.WriteString("Path"u8, command[0]);
        json.WriteStrings("Args", command.Skip(1));
        WriteState(json, paths, container);
        json.WriteString("Image"u8, record.ImageId);
        json.WriteString("ResolvConfPath"u8, $"{folder}/resolv.conf");
        json.WriteString("HostnamePath"u8, $"{folder}/hostname");
        json.WriteString("HostsPath"u8, $"{folder}/hosts");
        json.WriteString("LogPath"u8, LogOf(container.Options).Driver is LogOptions.JsonFile or LogOptions.Local ? ContainerLogs.PathOf(paths, record.Id) : "");
        json.WriteString("Name"u8, "/" + record.Name);
        json.WriteNumber("RestartCount"u8, container.Standing.RestartCount);
        json.WriteString("Driver"u8, container.Supervision.Overlay is null ? "copy" : "overlay");
        json.WriteString("Platform"u8, "linux");
        json.WriteString("MountLabel"u8, container.Spec.Linux?.MountLabel ?? "");
        json.WriteString("ProcessLabel"u8, process.SelinuxLabel ?? "");
        json.WriteString("AppArmorProfile"u8, process.ApparmorProfile ?? "");
        json.WriteNull("ExecIDs"u8);
        HostConfigJson.Write(json, container.Options, container.Supervision.Restart);
        WriteGraphDriver(json, folder, container.Supervision.Overlay);
        if (container.Sizes is { } sizes)
        {
            json.WriteNumber("SizeRw"u8, sizes.Written);
            json.WriteNumber("SizeRootFs"u8, sizes.Whole);
        }
        MountJson.WriteMounts(json, paths, container.Options);
        ContainerConfigJson.Write(json, container);
        NetworkSettingsJson.Write(json, container);
    }

    private static LogOptions LogOf(ContainerOptions options) => options.Log ?? LogOptions.Default;

    private static void WriteState(Utf8JsonWriter json, EnginePaths paths, InspectContainer container)
    {
        ContainerStanding standing = container.Standing;
        json.WriteStartObject("State"u8);
        json.WriteString("Status"u8, standing.Phase.ToString().ToLowerInvariant());
        json.WriteBoolean("Running"u8, standing.IsRunning);
        json.WriteBoolean("Paused"u8, standing.Phase == ContainerPhase.Paused);
        json.WriteBoolean("Restarting"u8, standing.Phase == ContainerPhase.Restarting);
        json.WriteBoolean("OOMKilled"u8, standing.Exit?.OomKilled ?? false);
        json.WriteBoolean("Dead"u8, standing.Phase == ContainerPhase.Dead);
        json.WriteNumber("Pid"u8, standing.HasProcess ? standing.State!.Pid : 0);
        json.WriteNumber("ExitCode"u8, standing.Exit?.ExitCode ?? 0);
        json.WriteString("Error"u8, standing.Damage ?? standing.Exit?.Error ?? "");
        json.WriteMoment("StartedAt", standing.Exit?.StartedAt ?? standing.State?.StartedAt);
        json.WriteMoment("FinishedAt", standing.Exit?.FinishedAt);
        HealthJson.WriteState(json, paths, container.Record, standing);
        json.WriteEndObject();
    }

    private static void WriteGraphDriver(Utf8JsonWriter json, string folder, OverlayConfig? overlay)
    {
        json.WriteStartObject("GraphDriver"u8);
        json.WriteStartObject("Data"u8);
        if (overlay is not null)
        {
            json.WriteString("LowerDir"u8, string.Join(':', overlay.Lower));
            json.WriteString("MergedDir"u8, $"{folder}/rootfs");
            json.WriteString("UpperDir"u8, overlay.Upper ?? "");
            json.WriteString("WorkDir"u8, overlay.Work ?? "");
        }
        json.WriteEndObject();
        json.WriteString("Name"u8, overlay is null ? "copy" : "overlay");
        json.WriteEndObject();
    }
}

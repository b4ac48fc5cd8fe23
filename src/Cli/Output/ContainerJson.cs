using System.Text.Json;
using Rundlet.Engine;
using Rundlet.Engine.Lifecycle;
using Rundlet.Engine.Operations;
using Rundlet.Engine.Options;
using Rundlet.Engine.State;

namespace Rundlet.Cli.Output;

/// <summary>A container in the shape of docker's <c>inspect</c>.</summary>
internal static class ContainerJson
{
    /// <summary>Writes the members of its object.</summary>
    public static void Write(Utf8JsonWriter json, EnginePaths paths, InspectContainer container)
    {
        ContainerRecord record = container.Record;
        Oci.Process process = container.Spec.Process!;
        json.WriteString("Id"u8, record.Id);
        json.WriteString("Created"u8, record.Created);
        json.WriteString("Path"u8, process.Args![0]);
        json.WriteStrings("Args", process.Args.Skip(1));
        WriteState(json, container.Standing);
        json.WriteString("Image"u8, record.ImageId);
        json.WriteString("ResolvConfPath"u8, $"{paths.Container(record.Id)}/resolv.conf");
        json.WriteString("HostnamePath"u8, $"{paths.Container(record.Id)}/hostname");
        json.WriteString("HostsPath"u8, $"{paths.Container(record.Id)}/hosts");
        json.WriteString("LogPath"u8, LogOf(container.Options).Driver is LogOptions.JsonFile or LogOptions.Local ? ContainerLogs.PathOf(paths, record.Id) : "");
        json.WriteString("Name"u8, "/" + record.Name);
        json.WriteString("Driver"u8, "overlay");
        json.WriteString("Platform"u8, "linux");
        HostConfigJson.Write(json, container.Options);
        MountJson.WriteMounts(json, paths, container.Options);
        WriteConfig(json, container);
        WriteNetwork(json, container.Network);
    }

    private static LogOptions LogOf(ContainerOptions options) => options.Log ?? LogOptions.Default;

    private static void WriteState(Utf8JsonWriter json, ContainerStanding standing)
    {
        json.WriteStartObject("State"u8);
        json.WriteString("Status"u8, standing.Phase.ToString().ToLowerInvariant());
        json.WriteBoolean("Running"u8, standing.IsRunning);
        json.WriteBoolean("Paused"u8, standing.Phase == ContainerPhase.Paused);
        json.WriteBoolean("OOMKilled"u8, standing.Exit?.OomKilled ?? false);
        json.WriteNumber("Pid"u8, standing.IsRunning ? standing.State!.Pid : 0);
        json.WriteNumber("ExitCode"u8, standing.Exit?.ExitCode ?? 0);
        json.WriteString("Error"u8, standing.Exit?.Error ?? "");
        json.WriteMoment("StartedAt", standing.Exit?.StartedAt ?? standing.State?.StartedAt);
        json.WriteMoment("FinishedAt", standing.Exit?.FinishedAt);
        json.WriteEndObject();
    }

    private static void WriteConfig(Utf8JsonWriter json, InspectContainer container)
    {
        Oci.Process process = container.Spec.Process!;
        ContainerOptions options = container.Options;
        json.WriteStartObject("Config"u8);
        json.WriteString("Hostname"u8, container.Spec.Hostname ?? options.Hostname ?? "");
        json.WriteString("Domainname"u8, options.Domainname ?? "");
        json.WriteString("User"u8, options.User ?? "");
        json.WriteBoolean("AttachStdin"u8, options.Attached.Contains("stdin"));
        json.WriteBoolean("AttachStdout"u8, options.Attached.Contains("stdout"));
        json.WriteBoolean("AttachStderr"u8, options.Attached.Contains("stderr"));
        if (options.Exposed.Count > 0)
            json.WriteSet("ExposedPorts", options.Exposed.Select(port => port.Contains('/') ? port : port + "/tcp"));
        json.WriteBoolean("Tty"u8, options.Terminal);
        json.WriteBoolean("OpenStdin"u8, options.OpenStdin);
        json.WriteStrings("Env", process.Env ?? []);
        json.WriteStrings("Cmd", options.Command);
        json.WriteString("Image"u8, options.Image);
        json.WriteString("WorkingDir"u8, process.Cwd);
        json.WriteStringsOrNull("Entrypoint", options.Entrypoint);
        json.WriteMap("Labels", options.Labels);
        json.WriteString("StopSignal"u8, options.StopSignal ?? "SIGTERM");
        json.WriteNumber("StopTimeout"u8, options.StopTimeout);
        json.WriteEndObject();
    }

    private static void WriteNetwork(Utf8JsonWriter json, NetworkNote? network)
    {
        json.WriteStartObject("NetworkSettings"u8);
        json.WriteString("IPAddress"u8, network?.Address ?? "");
        json.WriteNumber("IPPrefixLen"u8, network?.PrefixLength ?? 0);
        json.WriteString("Gateway"u8, network?.Gateway ?? "");
        json.WriteString("MacAddress"u8, network?.Mac ?? "");
        json.WriteStartObject("Ports"u8);
        foreach (IGrouping<string, PortNote> port in (network?.Ports ?? []).GroupBy(port => $"{port.ContainerPort}/{port.Protocol}"))
        {
            json.WriteStartArray(port.Key);
            foreach (PortNote binding in port)
            {
                json.WriteStartObject();
                json.WriteString("HostIp"u8, binding.HostAddress ?? "0.0.0.0");
                json.WriteString("HostPort"u8, binding.HostPort.ToString());
                json.WriteEndObject();
            }
            json.WriteEndArray();
        }
        json.WriteEndObject();
        json.WriteEndObject();
    }
}

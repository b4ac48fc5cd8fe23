using System.Text.Json;
using Rundlet.Engine.Operations;
using Rundlet.Engine.Options;
using Rundlet.Oci;

namespace Rundlet.Cli.Output;

/// <summary><c>Config</c> of docker's <c>inspect</c>: how the container runs, whatever the machine; the user's words over the image's.</summary>
internal static class ContainerConfigJson
{
    /// <summary>Writes it, as a member.</summary>
    public static void Write(Utf8JsonWriter json, InspectContainer container)
    {
        Oci.Process process = container.Spec.Process!;
        ContainerOptions options = container.Options;
        ContainerConfig image = container.Image ?? new ContainerConfig();
        json.WriteStartObject("Config"u8);
        json.WriteString("Hostname"u8, container.Spec.Hostname ?? options.Hostname ?? "");
        json.WriteString("Domainname"u8, options.Domainname ?? "");
        json.WriteString("User"u8, options.User ?? image.User ?? "");
        json.WriteBoolean("AttachStdin"u8, options.Attached.Contains("stdin"));
        json.WriteBoolean("AttachStdout"u8, options.Attached.Contains("stdout"));
        json.WriteBoolean("AttachStderr"u8, options.Attached.Contains("stderr"));
        List<string> ports = [.. NetworkSettingsJson.ExposedOf(options)];
        if (ports.Count > 0)
            json.WriteSet("ExposedPorts", ports);
        json.WriteBoolean("Tty"u8, options.Terminal);
        json.WriteBoolean("OpenStdin"u8, options.OpenStdin);
        json.WriteBoolean("StdinOnce"u8, container.Supervision.StdinOnce && options.OpenStdin);
        json.WriteStrings("Env", process.Env ?? []);
        json.WriteStringsOrNull("Cmd", options.Command.Count > 0 ? options.Command : options.Entrypoint is null ? image.Cmd : null);
        if (container.Supervision.Health is { } health)
            HealthJson.WriteConfig(json, health);
        json.WriteString("Image"u8, options.Image);
        if (image.Volumes is { } volumes)
            json.WriteSet("Volumes", volumes);
        else
            json.WriteNull("Volumes"u8);
        json.WriteString("WorkingDir"u8, options.WorkingFolder ?? image.WorkingDir ?? "");
        json.WriteStringsOrNull("Entrypoint", options.Entrypoint ?? image.Entrypoint);
        json.WriteStringsOrNull("OnBuild", image.OnBuild);
        json.WriteMap("Labels", options.Labels);
        if ((options.StopSignal ?? image.StopSignal) is { } signal)
            json.WriteString("StopSignal"u8, signal);
        json.WriteNumber("StopTimeout"u8, options.StopTimeout);
        json.WriteEndObject();
    }
}

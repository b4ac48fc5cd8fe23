using System.Text.Json;
using Rundlet.Images;
using Rundlet.Images.Layers;
using Rundlet.Images.References;
using Rundlet.Oci;

namespace Rundlet.Cli.Output;

/// <summary>An image in the shape of docker's <c>image inspect</c>.</summary>
internal static class ImageJson
{
    /// <summary>Writes the members of its object.</summary>
    public static void Write(Utf8JsonWriter json, ImageStore store, Image image)
    {
        List<(ImageReference Name, Digest Target)> names = [.. store.NamesOf(image.Record).Select(named => (ImageReference.Parse(named.Name!), named.Target))];
        json.WriteString("Id"u8, image.Id.ToString());
        json.WriteStrings("RepoTags", names.Where(named => named.Name.Tag is not null).Select(named => $"{named.Name.FamiliarName}:{named.Name.Tag}"));
        json.WriteStrings("RepoDigests", names.Select(named => $"{named.Name.FamiliarName}@{named.Target}").Distinct());
        json.WriteString("Parent"u8, "");
        json.WriteString("Comment"u8, image.Config.History is [.., { Comment: { } comment }] ? comment : "");
        json.WriteString("Created"u8, image.Config.Created ?? "");
        json.WriteString("DockerVersion"u8, "");
        json.WriteString("Author"u8, image.Config.Author ?? "");
        WriteConfig(json, image.Config.Config ?? new ContainerConfig());
        json.WriteString("Architecture"u8, image.Config.Architecture);
        if (image.Config.Variant is { } variant)
            json.WriteString("Variant"u8, variant);
        json.WriteString("Os"u8, image.Config.Os);
        json.WriteNumber("Size"u8, image.Record.Size);
        WriteDriver(json, store, image);
        json.WriteStartObject("RootFS"u8);
        json.WriteString("Type"u8, image.Config.RootFs.Type);
        json.WriteStrings("Layers", image.Config.RootFs.DiffIds.Select(diffId => diffId.ToString()));
        json.WriteEndObject();
        json.WriteStartObject("Descriptor"u8);
        json.WriteString("mediaType"u8, image.Record.MediaType);
        json.WriteString("digest"u8, image.Record.Manifest.ToString());
        json.WriteNumber("size"u8, image.Record.ManifestSize);
        json.WriteEndObject();
    }

    private static void WriteConfig(Utf8JsonWriter json, ContainerConfig config)
    {
        json.WriteStartObject("Config"u8);
        json.WriteString("User"u8, config.User ?? "");
        if (config.ExposedPorts is { } ports)
            json.WriteSet("ExposedPorts", ports);
        json.WriteStringsOrNull("Env", config.Env);
        json.WriteStringsOrNull("Cmd", config.Cmd);
        if (config.Healthcheck is { } check)
            WriteHealthcheck(json, check);
        if (config.Volumes is { } volumes)
            json.WriteSet("Volumes", volumes);
        else
            json.WriteNull("Volumes"u8);
        json.WriteString("WorkingDir"u8, config.WorkingDir ?? "");
        json.WriteStringsOrNull("Entrypoint", config.Entrypoint);
        json.WriteStringsOrNull("OnBuild", config.OnBuild);
        json.WriteMap("Labels", config.Labels ?? []);
        if (config.StopSignal is { } signal)
            json.WriteString("StopSignal"u8, signal);
        if (config.Shell is { } shell)
            json.WriteStrings("Shell", shell);
        json.WriteEndObject();
    }

    /// <summary>Writes a health check, as a member.</summary>
    public static void WriteHealthcheck(Utf8JsonWriter json, Healthcheck check)
    {
        json.WriteStartObject("Healthcheck"u8);
        json.WriteStringsOrNull("Test", check.Test);
        json.WriteNumber("Interval"u8, check.Interval);
        json.WriteNumber("Timeout"u8, check.Timeout);
        json.WriteNumber("StartPeriod"u8, check.StartPeriod);
        json.WriteNumber("StartInterval"u8, check.StartInterval);
        json.WriteNumber("Retries"u8, check.Retries);
        json.WriteEndObject();
    }

    private static void WriteDriver(Utf8JsonWriter json, ImageStore store, Image image)
    {
        List<string> folders = [.. image.Record.Layers.Reverse().Select(chainId => $"{store.Path}/layers/{LayerStore.PathOf(chainId)}")];
        json.WriteStartObject("GraphDriver"u8);
        json.WriteString("Name"u8, "overlay");
        json.WriteStartObject("Data"u8);
        if (folders.Count > 1)
            json.WriteString("LowerDir"u8, string.Join(':', folders.Skip(1)));
        if (folders.Count > 0)
            json.WriteString("UpperDir"u8, folders[0]);
        json.WriteEndObject();
        json.WriteEndObject();
    }
}

using Rundlet.Engine.Images;
using Rundlet.Engine.Lifecycle;
using Rundlet.Engine.Options;
using Rundlet.Engine.State;
using Rundlet.Images;
using Rundlet.Images.References;
using Rundlet.Images.Tar;
using Rundlet.Linux;
using Rundlet.Oci;

namespace Rundlet.Engine.Operations;

/// <summary>Makes an image of a container: its image with what the container wrote as one more layer.</summary>
public static class CommitContainer
{
    /// <summary>Makes it.</summary>
    /// <param name="engine">The engine.</param>
    /// <param name="record">The container, running or not.</param>
    /// <param name="request">What the user wants.</param>
    /// <param name="cancellation">Ends it; nothing stays, and the container runs again.</param>
    /// <returns>The image's id.</returns>
    /// <exception cref="ContainerException">
    /// InvalidArgument: a bad name or change; NotFound: the container's image is gone; Unsupported: a file that no layer can hold, or no
    /// freezer; Unavailable: the disk is full.
    /// </exception>
    /// <exception cref="OperationCanceledException">It was cancelled.</exception>
    public static string Run(ContainerEngine engine, ContainerRecord record, CommitRequest request, CancellationToken cancellation = default)
    {
        ImageReference? name = request.Name is { } text ? ImageReference.Parse(text) : null;
        // Several images may share a configuration, and so an id; the container stands on the layers of one.
        Image parent = record.Manifest is { } manifest ? engine.Images.Store.Inspect(Digest.Parse(manifest)) : engine.Images.Store.Inspect(record.ImageId);
        ContainerOptions options = InspectContainer.OptionsOf(record);
        ContainerConfig config = ConfigOf(options, parent.Config.Config ?? new ContainerConfig());
        ConfigChange.Apply(config, request.Changes);
        using ContainerFiles files = ContainerFiles.Open(engine, record);
        using StillContainer? still = request.Pause ? StillContainer.Hold(engine, record) : null;
        string id = engine.Images.Store.Commit(parent, files.Upper.Value, new CommitOptions
        {
            Reference = name,
            Config = config,
            CreatedBy = record.Command,
            Author = request.Author,
            Message = request.Message,
            Created = request.Timestamp,
            Latest = request.Timestamp is { } moment ? TarTime.From(moment) : null,
            LeftOut = files.FindStubs(),
            Ids = engine.IdRanges.Of(record.Id),
            Compression = request.Compression,
            Passed = request.Passed,
        }, cancellation).Id.ToString();
        engine.Events.Container("commit", record, new("imageID", id), new("imageRef", name?.Familiar ?? ""));
        return id;
    }

    /// <summary>How the container runs: what its user asked for on top of what its image says, as docker has it.</summary>
    private static ContainerConfig ConfigOf(ContainerOptions options, ContainerConfig image)
    {
        var labels = new Dictionary<string, string>(image.Labels ?? []);
        foreach ((string key, string value) in options.Labels)
            labels[key] = value;
        List<string> environment = EnvironmentOption.Merge(image.Env ?? [], options.Environment);
        return new ContainerConfig
        {
            User = options.User ?? image.User,
            ExposedPorts = image.ExposedPorts,
            Env = environment.Count > 0 ? environment : image.Env,
            Entrypoint = options.Entrypoint is null ? image.Entrypoint : [.. options.Entrypoint],
            Cmd = options.Command.Count > 0 ? [.. options.Command] : options.Entrypoint is null ? image.Cmd : null,
            Volumes = image.Volumes,
            WorkingDir = options.WorkingFolder ?? image.WorkingDir,
            Labels = labels.Count > 0 ? labels : image.Labels,
            StopSignal = options.StopSignal ?? image.StopSignal,
            Healthcheck = image.Healthcheck,
            Shell = image.Shell,
            OnBuild = image.OnBuild,
        };
    }
}

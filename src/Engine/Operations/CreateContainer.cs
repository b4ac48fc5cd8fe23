using Rundlet.Engine.Cdi;
using Rundlet.Engine.Events;
using Rundlet.Engine.Images;
using Rundlet.Engine.Lifecycle;
using Rundlet.Engine.Names;
using Rundlet.Engine.Networks;
using Rundlet.Engine.Options;
using Rundlet.Engine.Specs;
using Rundlet.Engine.State;
using Rundlet.Engine.Volumes;
using Rundlet.Images.References;
using Rundlet.Images.Snapshots;
using Rundlet.Images.Users;
using Rundlet.Linux;
using Rundlet.Linux.Capabilities;
using Rundlet.Linux.Cgroups;
using Rundlet.Oci;
using Rundlet.Runtime;
using Rundlet.Runtime.Supervision;
using Rundlet.Syscalls;

namespace Rundlet.Engine.Operations;

/// <summary>Makes a container: a row, a folder, a spec. Nothing runs yet.</summary>
/// <remarks>The row comes first, claimed by this process: whatever kills us after it, the next command finds the row and cleans up.</remarks>
public static class CreateContainer
{
    private const int NameAttempts = 16;
    private const int LevelAttempts = 1000; // of half a million pairs of categories
    private const int MaxHostName = 64;

    /// <summary>Makes it. The claim on it stays with the caller.</summary>
    /// <param name="engine">The engine.</param>
    /// <param name="options">What the user wants.</param>
    /// <param name="purpose">What the claim is for: <c>create</c> or <c>run</c>.</param>
    /// <param name="foreground">Whether the caller attaches and waits: standard input ends with it, and it removes what is to be removed.</param>
    /// <param name="found">The image, where the caller has looked it up already.</param>
    /// <exception cref="ContainerException">Why not; nothing is left behind.</exception>
    public static ContainerRecord Run(ContainerEngine engine, ContainerOptions options, string purpose = "create", bool foreground = false, NamedImage? found = null) =>
        Run(engine, ref options, purpose, foreground, found, out _);

    /// <summary>The same; the options become those that are kept, and the networks are found.</summary>
    internal static ContainerRecord Run(
        ContainerEngine engine, ref ContainerOptions options, string purpose, bool foreground, NamedImage? found, out IReadOnlyList<EndpointRecord> endpoints)
    {
        Validate(options);
        endpoints = ContainerEndpoints.Resolve(engine, ref options);
        ResolvedImage image = found is null ? engine.Images.Resolve(options.Image) : engine.Images.Resolve(found);
        options = Complete(engine, options, image.Config);
        ContainerSecrets.Check(engine, options);
        if (purpose == "run")
            PublishedPorts.RequireFree(engine, options, endpoints);
        List<string> volumes = [];
        ContainerRecord record = Insert(engine, ref options, image, purpose, ContainerEndpoints.ToKeep(options, endpoints), volumes);
        try
        {
            // Standard input ends with whoever attaches: at once here, or later by 'start -i'.
            MakeFolder(engine, record, options, endpoints, image, foreground, stdinOnce: foreground || purpose == "create");
            return record;
        }
        catch
        {
            Settle.Remove(engine, record, withVolumes: true);
            foreach (string volume in volumes)
                engine.Volumes.TakeBack(volume);
            throw;
        }
    }

    private static void Validate(ContainerOptions options)
    {
        if (options.Name is { } name)
            ContainerName.Validate(name);
        options.Resources.Validate();
        options.Namespaces.Validate();
        OptionConflicts.Validate(options);
        if (options.StopSignal is { } signal)
            SignalNames.Parse(signal);
        options.Health?.Validate();
        _ = ProgramOf(options); // ignored: looked for again when the rest is known to be right
        if (RestartOf(options).Condition != RestartCondition.No && options.AutoRemove)
            throw new ContainerException(ContainerErrorKind.InvalidArgument, "conflicting options: cannot specify both --restart and --rm");
        if (options.Hostname is { } host && (host.Length is 0 or > MaxHostName || host.AsSpan().ContainsAnyExceptInRange('!', '~')))
            throw new ContainerException(ContainerErrorKind.InvalidArgument, $"invalid host name '{host}'") { Hint = $"use 1 to {MaxHostName} letters, digits, dots and dashes" };
        foreach (MountOption mount in options.Mounts)
        {
            if (mount.Kind == MountKind.Bind && Sys.faccessat2(Sys.AT_FDCWD, mount.Source, 0, 0) < 0)
                throw new ContainerException(ContainerErrorKind.NotFound, $"bind source '{mount.Source}' does not exist") { Hint = $"make it first: mkdir -p {mount.Source}" };
            Relabelling.Check(mount);
        }
    }

    /// <summary>The options as they are kept: with what the image adds to them, and other containers by their ids.</summary>
    private static ContainerOptions Complete(ContainerEngine engine, ContainerOptions options, ContainerConfig image)
    {
        if (image.Labels is { Count: > 0 } labels)
            options = options with { Labels = new Dictionary<string, string>(labels.Concat(options.Labels).GroupBy(label => label.Key, label => label.Value).Select(same => KeyValuePair.Create(same.Key, same.Last()))) };
        if (image.ExposedPorts is { Count: > 0 } ports)
            options = options with { Exposed = [.. ports.Union(options.Exposed)] };
        options = SystemdMode.Complete(options, image, static () => CgroupLayout.Detect().Mode);
        return ContainerMounts.Complete(engine, ContainerLabels.Complete(engine, SharedContainers.Resolve(engine, options)), image);
    }

    private static ContainerRecord Insert(ContainerEngine engine, ref ContainerOptions options, ResolvedImage image, string purpose, IReadOnlyList<EndpointRecord> endpoints, List<string> made)
    {
        IReadOnlyList<VolumeUse> volumes = ContainerMounts.UsesOf(options, DateTimeOffset.UtcNow);
        IReadOnlyList<string> images = ContainerMounts.ImagesOf(options);
        ContainerOptions asked = options;
        for (int attempt = 0; ; attempt++)
        {
            SelinuxOptions label = LabelChoice.WithCategories(asked.Security.Selinux);
            string? level = label == asked.Security.Selinux ? null : label.Level; // chosen here: to be nobody else's
            options = level is null ? asked : ContainerLabels.With(asked, label);
            string document = OptionsJson.Write(options);
            var record = new ContainerRecord
            {
                Id = NewId(),
                Name = options.Name ?? ContainerName.MakeUp(attempt),
                Image = options.Image,
                ImageId = image.Id,
                Manifest = image.Manifest,
                Command = string.Join(' ', SpecBuilder.ArgumentsOf(options, image.Config)),
                Created = DateTimeOffset.UtcNow,
                AutoRemove = options.AutoRemove,
                Options = document,
            };
            try
            {
                made.AddRange(engine.Networks.WhenFree(() => engine.Volumes.WhenFree(() => engine.Containers.Insert(record, purpose, endpoints, volumes, images, level))));
                made.ForEach(engine.Volumes.TellCreated);
                return record;
            }
            catch (ContainerException e) when (e.Kind == ContainerErrorKind.AlreadyExists && options.Name is null && attempt < NameAttempts)
            {
                // somebody has that name: make another one up
            }
            catch (TakenLevel) when (attempt < LevelAttempts)
            {
                // somebody has these categories: draw again
            }
        }
    }

    private static void MakeFolder(
        ContainerEngine engine, ContainerRecord record, ContainerOptions options, IReadOnlyList<EndpointRecord> endpoints, ResolvedImage image, bool foreground, bool stdinOnce)
    {
        string folder = engine.Paths.Container(record.Id);
        ContainerEngine.EnsureFolder(folder);
        ContainerEngine.EnsureFolder($"{folder}/rootfs");
        StorageDriver storage = StorageDrivers.FromEnvironment();
        using (OwnedFd fd = FileIo.Open(Sys.AT_FDCWD, storage == StorageDriver.Copy ? $"{folder}/rootfs" : folder, O.RDONLY | O.DIRECTORY))
        {
            if (storage == StorageDriver.Copy)
                Limit(options, $"{folder}/rootfs");
            if (storage == StorageDriver.Copy)
                CopyLayers(engine, image, fd);
            else
                WritableLayer.Create(fd.Value, engine.Images.Store.Layers, image.ChainIds);
        }
        if (storage != StorageDriver.Copy)
            Limit(options, $"{folder}/upper", $"{folder}/work");
        VolumeFill.Run(engine.Volumes, options, () => storage == StorageDriver.Copy
            ? FileIo.Open(Sys.AT_FDCWD, $"{folder}/rootfs", O.PATH | O.DIRECTORY | O.NOFOLLOW)
            : image.OpenFiles(engine.Images.Store.Layers));
        SpecInputs inputs = Inputs(engine, folder, record, options, image, storage) with { Ids = ContainerIds.Reserve(engine, record, options.Namespaces, storage) };
        if (inputs.Ids is { } ids)
            ContainerIds.TakeOver($"{folder}/upper", ids);
        Spec spec = SpecBuilder.Build(inputs);
        if (options.Devices.CdiNames.Count > 0)
            CdiInjection.Apply(spec, options.Devices.CdiNames, new CdiRegistry(CdiRegistry.Folders));
        NameFiles.Write(folder, options, SpecBuilder.HostnameOf(inputs), endpoints);
        ContainerLabels.Apply(engine, folder, options, image, storage);
        Folders.Write(folder, "config.json", SpecWriter.ToBytes(spec));
        SupervisorConfig configuration = Configuration(folder, record, options, image, foreground, stdinOnce, storage) with
        {
            Events = EventsOf(engine, record, inputs),
            Mounts = ContainerMounts.SourcesOf(engine, options),
            Log = (options.Log ?? LogOptions.Default).ToConfig(SubjectOf(engine, folder, record, inputs, spec)),
        };
        Folders.Write(folder, SupervisorConfig.FileName, configuration.ToBytes());
        engine.Events.Container("create", record.Id, configuration.Events!.Attributes);
    }

    // What overlayfs moves from its work folder to the upper one must be of one project.
    private static void Limit(ContainerOptions options, params IReadOnlyList<string> folders)
    {
        if (options.StorageSize is { } bytes)
            SizeLimit.Apply(folders, bytes);
    }

    private static void CopyLayers(ContainerEngine engine, ResolvedImage image, OwnedFd root)
    {
        foreach (Digest layer in image.ChainIds)
        {
            using OwnedFd files = engine.Images.Store.Layers.OpenFiles(layer);
            CopiedRoot.Apply(files.Value, root.Value);
        }
    }

    private static SpecInputs Inputs(ContainerEngine engine, string folder, ContainerRecord record, ContainerOptions options, ResolvedImage image, StorageDriver storage)
    {
        string wanted = options.User ?? image.Config.User ?? "";
        ContainerUser user = storage == StorageDriver.Copy ? LookUpInCopy(folder, wanted, options.Groups) : image.LookUp(engine.Images.Store.Layers, wanted, options.Groups);
        OwnCapabilities own = OwnCapabilities.Read();
        return new SpecInputs
        {
            Id = record.Id,
            Options = options,
            Image = image.Config,
            User = user.User,
            Home = user.Home,
            Files = NameFiles.MountsOf(engine.Paths, folder, options),
            KnownCapabilities = own.Bounding.Intersect(CapabilitySet.AllKnown),
            VolumeData = engine.Paths.VolumeData,
            InitProgram = options.Init ? engine.Beside(ReaperProgram.FileName, "which --init starts", "install it beside rundlet, or leave --init away") : null,
            RunFolder = engine.Paths.Live(record.Id),
            HostName = SharedContainers.HostNameOf(engine, options) ?? Environment.MachineName,
            Processors = Environment.ProcessorCount,
        };
    }

    private static ContainerUser LookUpInCopy(string folder, string user, IReadOnlyList<string> groups)
    {
        using OwnedFd root = FileIo.Open(Sys.AT_FDCWD, $"{folder}/rootfs", O.PATH | O.DIRECTORY);
        return ContainerUser.Find(new FolderRootFiles(root.Value), user, groups);
    }

    private static SupervisorConfig Configuration(string folder, ContainerRecord record, ContainerOptions options, ResolvedImage image, bool foreground, bool stdinOnce, StorageDriver storage) => new()
    {
        Id = record.Id,
        Overlay = storage == StorageDriver.Copy ? null : OverlayOf(folder, options, image),
        OpenStdin = options.OpenStdin,
        StdinOnce = stdinOnce,
        Init = options.Init,
        StopSignal = SignalNames.Parse(options.StopSignal ?? image.Config.StopSignal ?? "SIGTERM"),
        StopTimeoutMs = options.StopTimeout < 0 ? -1 : options.StopTimeout * 1000,
        Restart = RestartOf(options),
        Health = HealthOptions.Effective(options.Health, image.Config),
        Runtime = ProgramOf(options),
        // In the foreground somebody waits who removes it all; in the background nobody does.
        OnExit = !options.AutoRemove ? ExitPolicy.Keep : foreground ? ExitPolicy.Leave : ExitPolicy.Remove,
    };

    private static LogSubject SubjectOf(ContainerEngine engine, string folder, ContainerRecord record, SpecInputs inputs, Spec spec) => new()
    {
        Id = record.Id,
        Name = record.Name,
        Image = record.Image,
        ImageId = record.ImageId,
        Folder = folder,
        Labels = inputs.Options.Labels,
        Environment = spec.Process?.Env ?? [],
        Packer = () => engine.Beside("rundlet", "which packs logs", "--log-opt compress=false does without it"),
    };

    private static EventConfig EventsOf(ContainerEngine engine, ContainerRecord record, SpecInputs inputs) =>
        new() { Path = engine.Paths.EventFile, Attributes = EngineEvents.AttributesOf(record, inputs.Options.Labels) };

    private static RestartPolicy RestartOf(ContainerOptions options) => options.Restart is { } policy ? RestartPolicy.Parse(policy) : RestartPolicy.None;

    private static string? ProgramOf(ContainerOptions options) => options.Runtime is { } name ? RuntimeProgram.Resolve(name) : null;

    private static OverlayConfig OverlayOf(string folder, ContainerOptions options, ResolvedImage image) => new()
    {
        Lower = image.ReadOnly.Lower,
        Upper = $"{folder}/upper",
        Work = $"{folder}/work",
        Options =
        [
            "redirect_dir=off",
            "metacopy=off",
            .. options.AutoRemove ? (string[])["volatile"] : [],
            .. options.Security.Selinux.MountLabel is { } label ? (string[])[$"context={label}"] : [],
        ],
    };

    private static string NewId()
    {
        Span<byte> random = stackalloc byte[32];
        LinuxException.ThrowIfError(Sys.getrandom(random), "getrandom");
        return Convert.ToHexStringLower(random);
    }
}

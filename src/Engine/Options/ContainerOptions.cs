namespace Rundlet.Engine.Options;

/// <summary>What a user asked for when a container was made; kept with it for <c>start</c> and <c>inspect</c>. What is null is the image's choice.</summary>
public sealed record ContainerOptions
{
    /// <summary>The image, as the user wrote it.</summary>
    public required string Image { get; init; }

    /// <summary>Arguments behind the image; empty for the image's own.</summary>
    public IReadOnlyList<string> Command { get; init; } = [];

    /// <summary>The program in place of the image's; an empty list is none at all.</summary>
    public IReadOnlyList<string>? Entrypoint { get; init; }

    /// <summary>The name; null lets the engine make one up.</summary>
    public string? Name { get; init; }

    /// <summary>The host name; null is the short id.</summary>
    public string? Hostname { get; init; }

    /// <summary>Whether the program gets a terminal.</summary>
    public bool Terminal { get; init; }

    /// <summary>Whether standard input stays open without anyone attached.</summary>
    public bool OpenStdin { get; init; }

    /// <summary>Whether the container is removed when it ends.</summary>
    public bool AutoRemove { get; init; }

    /// <summary>Variables as <c>NAME=value</c>; they win over the image's.</summary>
    public IReadOnlyList<string> Environment { get; init; } = [];

    /// <summary><c>user</c>, <c>uid</c>, <c>user:group</c> or a mix.</summary>
    public string? User { get; init; }

    /// <summary>The working directory, absolute inside the container.</summary>
    public string? WorkingFolder { get; init; }

    /// <summary>Free metadata; they win over the image's.</summary>
    public IReadOnlyDictionary<string, string> Labels { get; init; } = new Dictionary<string, string>();

    /// <summary>Limits.</summary>
    public ResourceOptions Resources { get; init; } = new();

    /// <summary>Bind mounts, volumes and memory file systems, in the order given; of a container that was made also those of its image.</summary>
    public IReadOnlyList<MountOption> Mounts { get; init; } = [];

    /// <summary>Containers whose volumes and bind mounts it gets too: <c>CONTAINER[:ro|rw]</c> each.</summary>
    public IReadOnlyList<string> VolumesFrom { get; init; } = [];

    /// <summary>Whether the root file system is read-only.</summary>
    public bool ReadOnly { get; init; }

    /// <summary>What the container may do.</summary>
    public SecurityOptions Security { get; init; } = new();

    /// <summary><c>bridge</c>, <c>none</c> or <c>host</c>.</summary>
    public string Network { get; init; } = "bridge";

    /// <summary>Published ports, each as the user wrote it.</summary>
    public IReadOnlyList<string> Ports { get; init; } = [];

    /// <summary>The signal of <c>stop</c>; null is the image's, or SIGTERM.</summary>
    public string? StopSignal { get; init; }

    /// <summary>How long <c>stop</c> waits before it kills, in seconds.</summary>
    public int StopTimeout { get; init; } = 10;
}

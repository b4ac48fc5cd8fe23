using System.Text.Json.Serialization;

namespace Rundlet.Engine.Options;

/// <summary>What a user asked for when a container was made; kept with it for <c>start</c> and <c>inspect</c>. What is null is the image's choice.</summary>
/// <remarks>A row of an older version lacks members, and the reader sets those to null: each becomes what it is for a container that does not ask for it.</remarks>
public sealed record ContainerOptions
{
    /// <summary>The image, as the user wrote it.</summary>
    public required string Image { get; init; }

    /// <summary>Arguments behind the image; empty for the image's own.</summary>
    public IReadOnlyList<string> Command { get; init => field = value ?? []; } = [];

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

    /// <summary>Whether it is started again when it has ended, as the user wrote it; null is never. See <see cref="Runtime.Supervision.RestartPolicy"/>.</summary>
    public string? Restart { get; init; }

    /// <summary>How its health is checked; null is the image's choice.</summary>
    public HealthOptions? Health { get; init; }

    /// <summary>Variables as <c>NAME=value</c>; they win over the image's.</summary>
    public IReadOnlyList<string> Environment { get; init => field = value ?? []; } = [];

    /// <summary><c>user</c>, <c>uid</c>, <c>user:group</c> or a mix.</summary>
    public string? User { get; init; }

    /// <summary>The working directory, absolute inside the container.</summary>
    public string? WorkingFolder { get; init; }

    /// <summary>Free metadata; they win over the image's.</summary>
    public IReadOnlyDictionary<string, string> Labels { get; init => field = value ?? new Dictionary<string, string>(); } = new Dictionary<string, string>();

    /// <summary>Metadata for the runtime and its hooks; nothing of it changes what the container may do.</summary>
    public IReadOnlyDictionary<string, string> Annotations { get; init => field = value ?? new Dictionary<string, string>(); } = new Dictionary<string, string>();

    /// <summary>Groups besides the user's own, by name or number.</summary>
    public IReadOnlyList<string> Groups { get; init => field = value ?? []; } = [];

    /// <summary>The NIS domain name; null for none.</summary>
    public string? Domainname { get; init; }

    /// <summary>Limits of single processes.</summary>
    public IReadOnlyList<UlimitOption> Ulimits { get; init => field = value ?? []; } = [];

    /// <summary>Kernel parameters of the container's own namespaces.</summary>
    public IReadOnlyDictionary<string, string> Sysctls { get; init => field = value ?? new Dictionary<string, string>(); } = new Dictionary<string, string>();

    /// <summary>How ready the kernel is to kill the program for lack of memory, -1000 to 1000.</summary>
    public int OomScoreAdj { get; init; }

    /// <summary>The cgroup above the container's, from where each hierarchy is mounted; null for <c>/rundlet</c>.</summary>
    public string? CgroupParent { get; init; }

    /// <summary>Shared namespaces.</summary>
    public NamespaceOptions Namespaces { get; init => field = value ?? new(); } = new();

    /// <summary>Devices of the host.</summary>
    public DeviceOptions Devices { get; init => field = value ?? new(); } = new();

    /// <summary>Size of <c>/dev/shm</c> in bytes; null is 64 MiB.</summary>
    public long? SharedMemory { get; init; }

    /// <summary>Limits.</summary>
    public ResourceOptions Resources { get; init => field = value ?? new(); } = new();

    /// <summary>Bind mounts, volumes and memory file systems, in the order given; of a container that was made also those of its image.</summary>
    public IReadOnlyList<MountOption> Mounts { get; init => field = value ?? []; } = [];

    /// <summary>The most that it may write, in bytes; null for no limit but the disk's.</summary>
    public long? StorageSize { get; init; }

    /// <summary>Containers whose volumes and bind mounts it gets too: <c>CONTAINER[:ro|rw]</c> each.</summary>
    public IReadOnlyList<string> VolumesFrom { get; init => field = value ?? []; } = [];

    /// <summary>Secrets; only which they are, never what they say.</summary>
    public IReadOnlyList<SecretOption> Secrets { get; init => field = value ?? []; } = [];

    /// <summary>Whether the root file system is read-only.</summary>
    public bool ReadOnly { get; init; }

    /// <summary>Whether a read-only root file system has memory file systems at <c>/run</c>, <c>/tmp</c> and <c>/var/tmp</c>.</summary>
    public bool ReadOnlyTmpfs { get; init; }

    /// <summary>What the container may do.</summary>
    public SecurityOptions Security { get; init => field = value ?? new(); } = new();

    /// <summary><c>none</c>, <c>host</c>, <c>container:NAME</c>, or the first of its networks: <c>bridge</c> or another name.</summary>
    public string Network { get; init => field = value ?? "bridge"; } = "bridge";

    /// <summary>
    /// When it is made: what is wanted of each network, in order; empty for the default network alone and for modes without networks. Kept in
    /// rows of their own, which change when networks are connected and disconnected: see <see cref="State.EndpointRecord"/>.
    /// </summary>
    [JsonIgnore]
    public IReadOnlyList<EndpointOptions> Networks { get; init; } = [];

    /// <summary>The IPv4 address it wants on the default network; null for the next free one.</summary>
    public string? Address { get; init; }

    /// <summary>The hardware address it wants on the default network; null for the one that belongs to its address.</summary>
    public string? MacAddress { get; init; }

    /// <summary>How it finds names.</summary>
    public DnsOptions Dns { get; init => field = value ?? new(); } = new();

    /// <summary>Ports that the program listens on, as <c>80/tcp</c>; the image's too, once the container is made.</summary>
    public IReadOnlyList<string> Exposed { get; init => field = value ?? []; } = [];

    /// <summary>Whether all of <see cref="Exposed"/> are published at free ports of the host.</summary>
    public bool PublishAll { get; init; }

    /// <summary>Published ports, each as the user wrote it.</summary>
    public IReadOnlyList<string> Ports { get; init => field = value ?? []; } = [];

    /// <summary>Who judges those that come by published ports: <c>host</c>, the host's input firewall; null or <c>open</c>, nobody, as with docker.</summary>
    public string? PublishPolicy { get; init; }

    /// <summary>The OCI runtime that makes it, by name or absolute path; null is the library in its supervisor.</summary>
    public string? Runtime { get; init; }

    /// <summary><c>true</c>, <c>false</c> or <c>always</c>: whether it is set up for systemd as its first process; null is <c>true</c>, where the program is called like it.</summary>
    public string? Systemd { get; init; }

    /// <summary>Whether the program is started by a first process of ours.</summary>
    public bool Init { get; init; }

    /// <summary>What becomes of the output; null is <see cref="LogOptions.Default"/>.</summary>
    public LogOptions? Log { get; init; }

    /// <summary>The signal of <c>stop</c>; null is the image's, or SIGTERM.</summary>
    public string? StopSignal { get; init; }

    /// <summary>How long <c>stop</c> waits before it kills, in seconds.</summary>
    public int StopTimeout { get; init; } = 10;

    /// <summary>The streams that the caller attaches to: <c>stdin</c>, <c>stdout</c>, <c>stderr</c>; empty for the usual ones.</summary>
    public IReadOnlyList<string> Attached { get; init => field = value ?? []; } = [];

    /// <summary>The file that the caller writes the id to; null for none.</summary>
    public string? IdFile { get; init; }

    /// <summary>Variables of the image that are left out.</summary>
    public IReadOnlyList<string> UnsetEnvironment { get; init => field = value ?? []; } = [];
}

using System.Globalization;
using System.Text.Json.Serialization;
using Rundlet.Linux;

namespace Rundlet.Engine.Options;

/// <summary>Which namespaces a container shares, in the words of <c>--ipc</c>, <c>--pid</c>, <c>--uts</c>, <c>--cgroupns</c> and <c>--userns</c>; null is the default.</summary>
public sealed record NamespaceOptions
{
    private const uint DefaultIds = 65536;
    private const uint MaxIds = 1 << 28;
    private const string AutoPrefix = "auto:size=";
    private const string ContainerPrefix = "container:";

    /// <summary><c>private</c> (default), <c>shareable</c>, <c>none</c>, <c>host</c> or <c>container:NAME</c>.</summary>
    public string? Ipc { get; init; }

    /// <summary><c>private</c> (default), <c>host</c> or <c>container:NAME</c>.</summary>
    public string? Pid { get; init; }

    /// <summary><c>private</c> (default), <c>host</c> or <c>container:NAME</c>.</summary>
    public string? Uts { get; init; }

    /// <summary><c>private</c> (default), <c>host</c> or <c>container:NAME</c>.</summary>
    public string? Cgroup { get; init; }

    /// <summary><c>host</c> (default), <c>auto</c>, <c>auto:size=N</c> or <c>container:NAME</c>.</summary>
    public string? User { get; init; }

    /// <summary>Each kind that is another container's: the word of the specification, and the container.</summary>
    [JsonIgnore]
    public IEnumerable<(string Kind, string Container)> Joined
    {
        get
        {
            foreach ((string kind, string? mode) in ((string, string?)[])[("ipc", Ipc), ("pid", Pid), ("uts", Uts), ("cgroup", Cgroup), ("user", User)])
            {
                if (ContainerOf(mode) is { } container)
                    yield return (kind, container);
            }
        }
    }

    /// <summary>Whether the container has other ids than the host, or may have.</summary>
    [JsonIgnore]
    public bool HasUsers => User is not (null or "host");

    /// <summary>How many ids <c>auto</c> asks for; null where the mode is another.</summary>
    /// <exception cref="ContainerException">InvalidArgument: what stands behind <c>auto:</c> is no size.</exception>
    [JsonIgnore]
    public uint? AutoIds
    {
        get
        {
            if (User is "auto")
                return DefaultIds;
            if (User is null || !User.StartsWith(AutoPrefix, StringComparison.Ordinal))
                return null;
            return uint.TryParse(User.AsSpan(AutoPrefix.Length), NumberStyles.None, CultureInfo.InvariantCulture, out uint size) && size is > 0 and <= MaxIds
                ? size
                : throw new ContainerException(ContainerErrorKind.InvalidArgument, $"invalid value '{User}' for --userns") { Hint = $"write auto or auto:size=NUMBER, 1 to {MaxIds}" };
        }
    }

    /// <summary>The container of a mode <c>container:NAME</c>; null for other modes.</summary>
    public static string? ContainerOf(string? mode) => mode is not null && mode.StartsWith(ContainerPrefix, StringComparison.Ordinal) ? mode[ContainerPrefix.Length..] : null;

    /// <summary>The mode that joins a container.</summary>
    public static string Join(string container) => ContainerPrefix + container;

    /// <summary>The same with other containers' names.</summary>
    public NamespaceOptions WithContainers(Func<string, string> rename)
    {
        string? Renamed(string? mode) => ContainerOf(mode) is { } container ? Join(rename(container)) : mode;
        return new NamespaceOptions { Ipc = Renamed(Ipc), Pid = Renamed(Pid), Uts = Renamed(Uts), Cgroup = Renamed(Cgroup), User = Renamed(User) };
    }

    /// <summary>Refuses modes that there are not.</summary>
    /// <exception cref="ContainerException">InvalidArgument.</exception>
    public void Validate()
    {
        Check("--ipc", Ipc, "private", "shareable", "none", "host");
        Check("--pid", Pid, "private", "host");
        Check("--uts", Uts, "private", "host");
        Check("--cgroupns", Cgroup, "private", "host");
        if (AutoIds is null)
            Check("--userns", User, "host", "auto");
    }

    private static void Check(string flag, string? mode, params ReadOnlySpan<string> modes)
    {
        if (mode is null || modes.Contains(mode) || ContainerOf(mode) is { Length: > 0 })
            return;
        throw new ContainerException(ContainerErrorKind.InvalidArgument, $"invalid value '{mode}' for {flag}") { Hint = $"there are {string.Join(", ", modes.ToArray())} and container:NAME" };
    }
}

using Rundlet.Linux;
using Rundlet.Linux.Mounts;
using Rundlet.Oci;
using Rundlet.Runtime.Planning;
using Rundlet.Syscalls;

namespace Rundlet.Runtime;

/// <summary>
/// A container's spec as a process beside this one can use it: what is an fd here has a path there. Mounts get one in a mount namespace that
/// the runtime's process makes for itself, so that nothing of them is ever on the host:
/// <code>
///   STAGE          a tmpfs
///   STAGE/rootfs   the root file system
///   STAGE/0, …     volumes, and what else is opened here
/// </code>
/// </summary>
internal sealed class ExternalSpec
{
    // The crun of Debian 12, 1.8, refuses every later one, and knows most of what they brought.
    private const string CommonVersion = "1.0.2";

    private readonly List<(string Name, OwnedFd Tree)> _staged = [];

    private ExternalSpec(Spec spec) => Spec = spec;

    /// <summary>The document.</summary>
    public Spec Spec { get; }

    /// <summary>What has to be attached, by its name in the stage; the fds stay the request's.</summary>
    public IReadOnlyList<(string Name, OwnedFd Tree)> Staged => _staged;

    /// <summary>Makes it.</summary>
    /// <param name="request">The container.</param>
    /// <param name="stage">Absolute path of the stage.</param>
    public static ExternalSpec Of(CreateRequest request, string stage)
    {
        ExternalSpec external = new(SpecReader.Read(SpecWriter.ToBytes(request.Spec)));
        Spec spec = external.Spec;
        spec.OciVersion = CommonVersion;
        Root root = spec.Root!;
        if (request.RootMount is { } mount)
            root.Path = external.Stage(stage, "rootfs", mount);
        else if (root.Path[0] != '/')
            root.Path = $"{request.Bundle}/{root.Path}";
        foreach (Mount item in spec.Mounts ?? [])
        {
            if (request.DetachedSources?.TryGetValue(item.Destination, out OwnedFd? tree) == true)
                item.Source = external.Stage(stage, $"{external._staged.Count}", tree);
        }
        NameNamespaces(spec, request.NetworkNamespace);
        Clamp(spec.Process!);
        return external;
    }

    /// <summary>Lowers limits that the caller may not raise, as for a container of our own; the runtime would fail.</summary>
    public static void Clamp(Process process)
    {
        foreach (Rlimit limit in process.Rlimits ?? [])
        {
            if (RlimitTable.NumberOf(limit.Type) is >= 0 and var number)
            {
                rlimit64 possible = RlimitClamp.ToPossible(number, limit.Soft, limit.Hard);
                (limit.Soft, limit.Hard) = (possible.rlim_cur, possible.rlim_max);
            }
        }
        if (process.OomScoreAdj is { } wanted && wanted < OwnOomScore() && !RlimitClamp.MayRaise)
            process.OomScoreAdj = null;
    }

    private string Stage(string stage, string name, OwnedFd tree)
    {
        _staged.Add((name, tree));
        return $"{stage}/{name}";
    }

    private static void NameNamespaces(Spec spec, OwnedFd? network)
    {
        const string Own = "/proc/self/";
        string ours = $"/proc/{Sys.getpid()}/";
        foreach (Namespace item in spec.Linux!.Namespaces ?? [])
        {
            if (item.Type == "network" && network is not null)
                item.Path = $"{ours}fd/{network.Value}";
            else if (item.Path?.StartsWith(Own, StringComparison.Ordinal) == true)
                item.Path = ours + item.Path[Own.Length..];
        }
    }

    private static int OwnOomScore() => int.TryParse(FileIo.TryReadText("/proc/self/oom_score_adj")?.Trim(), out int score) ? score : 0;
}

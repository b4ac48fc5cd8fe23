using Rundlet.Linux;
using Rundlet.Runcs.CommandLine;
using Rundlet.Runtime;

namespace Rundlet.Runcs.Commands;

/// <summary>What <c>checkpoint</c> and <c>restore</c> have in common.</summary>
internal static class CriuFlags
{
    /// <summary>Their common flags.</summary>
    public static readonly IReadOnlyList<Option> Options =
    [
        new("image-path", null, "DIR", "folder of the images (default ./checkpoint)"),
        new("work-path", null, "DIR", "folder of criu's log (default that of the images)"),
        new("tcp-established", null, null, "established TCP connections too"),
        new("ext-unix-sk", null, null, "unix sockets that lead outside too"),
        new("shell-job", null, null, "the container is a job of a shell"),
        new("file-locks", null, null, "file locks too"),
        new("manage-cgroups-mode", null, "soft|full|strict|ignore", "what criu does about cgroups (default soft)"),
        new("empty-ns", null, "network", "leave out what is in the network namespace"),
        new("auto-dedup", null, null, "remove pages from earlier images that are in these"),
        new("lazy-pages", null, null, "not supported by this version"),
    ];

    /// <summary>Reads the flags.</summary>
    /// <exception cref="ContainerException">One is wrong, or is not supported.</exception>
    public static CriuOptions Read(Arguments arguments)
    {
        foreach (string name in new[] { "lazy-pages", "page-server", "status-fd", "console-socket", "no-pivot" })
        {
            if (arguments.Value(name) is not (null or "false"))
                throw new ContainerException(ContainerErrorKind.Unsupported, $"--{name} is not supported by this version");
        }
        string images = Path.GetFullPath(arguments.Value("image-path") ?? "checkpoint");
        string mode = arguments.Value("manage-cgroups-mode") ?? "soft";
        if (mode is not ("soft" or "full" or "strict" or "ignore"))
            throw new ContainerException(ContainerErrorKind.InvalidArgument, $"--manage-cgroups-mode: unknown value '{mode}'") { Hint = "use one of soft, full, strict, ignore" };
        if (arguments.Value("empty-ns") is not (null or "network") and var empty)
            throw new ContainerException(ContainerErrorKind.Unsupported, $"--empty-ns: '{empty}' is not supported, only network is");
        return new CriuOptions
        {
            ImagePath = images,
            WorkPath = arguments.Value("work-path") is { } work ? Path.GetFullPath(work) : images,
            ParentPath = arguments.Value("parent-path"),
            LeaveRunning = arguments.Has("leave-running"),
            PreDump = arguments.Has("pre-dump"),
            TcpEstablished = arguments.Has("tcp-established"),
            TcpSkipInFlight = arguments.Has("tcp-skip-in-flight"),
            ExternalUnixSockets = arguments.Has("ext-unix-sk"),
            ShellJob = arguments.Has("shell-job"),
            FileLocks = arguments.Has("file-locks"),
            LinkRemap = arguments.Has("link-remap"),
            AutoDedup = arguments.Has("auto-dedup"),
            EmptyNetwork = arguments.Value("empty-ns") is not null,
            ManageCgroups = mode,
            LsmProfile = arguments.Value("lsm-profile"),
            LsmMountContext = arguments.Value("lsm-mount-context"),
        };
    }
}

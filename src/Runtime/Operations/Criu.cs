using Rundlet.Linux;
using Rundlet.Oci;
using Rundlet.Syscalls;

namespace Rundlet.Runtime;

/// <summary>Drives the program criu, criu(8).</summary>
internal static class Criu
{
    /// <summary>The name, on both sides, of a network namespace that the spec names by a path.</summary>
    public const string NetworkKey = "extRootNetNS";

    private const int LogLimit = 256 << 20; // bytes; a dump of a large container logs some MB

    /// <summary>Where it is.</summary>
    /// <exception cref="ContainerException">It is not installed.</exception>
    public static string Require() => HelperProgram.Find("criu")
        ?? throw new ContainerException(ContainerErrorKind.Unsupported, "program 'criu' is not in PATH: install the package criu");

    /// <summary>Refuses what would be lost on the way.</summary>
    /// <exception cref="ContainerException">Names what it is.</exception>
    public static void Check(Spec spec)
    {
        if (Sys.geteuid() != 0 || RootlessCaller.IsInUserNamespace())
            throw Refused("a caller who is not the host's root");
        if (spec.Process is { Terminal: true })
            throw Refused("process.terminal");
        if (spec.Linux!.NetDevices is { Count: > 0 })
            throw Refused("linux.netDevices");
        if (spec.Linux.IntelRdt is not null)
            throw Refused("linux.intelRdt");
        bool mount = false;
        foreach (Namespace item in spec.Linux.Namespaces ?? [])
        {
            mount |= item.Type == "mount";
            if (item.Type == "user")
                throw Refused("a user namespace"); // its root would have to get into the folder of the images
            if (item is { Path.Length: > 0, Type: not "network" })
                throw Refused($"the namespace '{item.Type}' by a path");
        }
        if (!mount)
            throw Refused("a container without a mount namespace");
        foreach (Mount item in spec.Mounts ?? [])
        {
            if (item.UidMappings is { Count: > 0 } || item.GidMappings is { Count: > 0 })
                throw Refused($"the id-mapped mount on '{item.Destination}'");
        }
        CheckHooks("prestart", spec.Hooks?.Prestart);
        CheckHooks("createRuntime", spec.Hooks?.CreateRuntime);
        CheckHooks("createContainer", spec.Hooks?.CreateContainer);
        CheckHooks("startContainer", spec.Hooks?.StartContainer);
    }

    /// <summary>The path of the network namespace that the spec joins; null for none.</summary>
    public static string? NetworkPath(Spec spec)
    {
        foreach (Namespace item in spec.Linux!.Namespaces ?? [])
        {
            if (item is { Type: "network", Path.Length: > 0 })
                return item.Path;
        }
        return null;
    }

    /// <summary>The start of every command line.</summary>
    public static List<string> Begin(string verb, CriuOptions options)
    {
        List<string> words = ["criu", verb, "-D", options.ImagePath, "-W", options.WorkPath, "-o", LogName(verb), "-v4"];
        Add(words, options.ShellJob, "--shell-job");
        Add(words, options.TcpEstablished, "--tcp-established");
        Add(words, options.TcpSkipInFlight, "--skip-in-flight");
        Add(words, options.ExternalUnixSockets, "--ext-unix-sk");
        Add(words, options.FileLocks, "--file-locks");
        Add(words, options.LinkRemap, "--link-remap");
        Add(words, options.AutoDedup, "--auto-dedup");
        if (options.EmptyNetwork)
            words.AddRange(["--empty-ns", "net"]);
        return words;
    }

    /// <summary>Runs it to its end.</summary>
    /// <param name="program">Where it is.</param>
    /// <param name="words">The command line.</param>
    /// <param name="fds">What it inherits beside stdio, which is the null device's.</param>
    /// <param name="options">Where the log is.</param>
    /// <exception cref="ContainerException">It failed: the log file and the first error in it.</exception>
    public static void Run(string program, List<string> words, IReadOnlyList<Spawn.FdMapping> fds, CriuOptions options)
    {
        string verb = words[1];
        string log = $"{options.WorkPath}/{LogName(verb)}";
        int removed = Sys.unlinkat(Sys.AT_FDCWD, log, 0); // or an old one would be told
        if (!Sys.Is(removed, Errno.ENOENT))
            LinuxException.ThrowIfError(removed, "unlink", log);
        using OwnedFd nothing = FileIo.Open(Sys.AT_FDCWD, "/dev/null", O.RDWR);
        // It runs tar, and iptables or nft.
        string path = Environment.GetEnvironmentVariable("PATH") is { Length: > 0 } own ? own : "/usr/sbin:/usr/bin:/sbin:/bin";
        (int status, string error) = HelperProgram.Run(program, words, [$"PATH={path}"], [.. fds, new(nothing.Value, 0), new(nothing.Value, 1)]);
        if (status == 0)
            return;
        string how = status > 128 ? $"was ended by signal {status - 128}" : $"failed with status {status}";
        throw new ContainerException(ContainerErrorKind.Internal, $"criu {verb} {how}, log '{log}': {FirstError(log) ?? (error.Length > 0 ? error : "no error in it")}");
    }

    /// <summary>Makes a folder for images or logs where there is none.</summary>
    /// <exception cref="LinuxException">The kernel refused.</exception>
    public static void MakeFolder(string path)
    {
        int made = Sys.mkdirat(Sys.AT_FDCWD, path, 0x1C0 /* 0700 */);
        if (!Sys.Is(made, Errno.EEXIST))
            LinuxException.ThrowIfError(made, "mkdir", path);
    }

    private static string LogName(string verb) => verb == "restore" ? "restore.log" : "dump.log";

    // (00.123456) Error (criu/mount.c:1088): mnt: …
    private static string? FirstError(string log)
    {
        foreach (string line in (FileIo.TryReadText(log, LogLimit) ?? "").Split('\n'))
        {
            int at = line.IndexOf("Error (", StringComparison.Ordinal);
            if (at >= 0)
                return line[at..].Trim();
        }
        return null;
    }

    private static void Add(List<string> words, bool wanted, string flag)
    {
        if (wanted)
            words.Add(flag);
    }

    // They would have to run in the middle of a restore, which criu does in one go.
    private static void CheckHooks(string point, List<Hook>? hooks)
    {
        if (hooks is { Count: > 0 })
            throw Refused($"hooks.{point}");
    }

    private static ContainerException Refused(string what) => new(ContainerErrorKind.Unsupported, $"checkpoint and restore: {what} is not supported by this version");
}

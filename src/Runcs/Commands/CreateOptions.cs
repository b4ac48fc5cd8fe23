using Rundlet.Linux;
using Rundlet.Oci;
using Rundlet.Runcs.CommandLine;
using Rundlet.Runtime;
using Rundlet.Syscalls;

namespace Rundlet.Runcs.Commands;

/// <summary>What <c>create</c> and <c>run</c> have in common.</summary>
internal static class CreateOptions
{
    /// <summary>Their common flags.</summary>
    public static readonly IReadOnlyList<Option> Options =
    [
        new("bundle", 'b', "DIR", "folder of the bundle (default the current one)"),
        new("config", 'f', "FILE", "the spec, in place of config.json of the bundle"),
        new("console-socket", null, "PATH", "unix socket that gets the master side of the terminal"),
        PidfdSocket.Option,
        new("pid-file", null, "FILE", "file that gets the pid of the container's first process"),
        new("preserve-fds", null, "N", "pass N file descriptors from 3 on to the container"),
        new("no-new-keyring", null, null, "keep the caller's session keyring"),
        new("no-pivot", null, null, "change the root by chroot, for a host that runs from an initramfs; weaker"),
    ];

    /// <summary>Reads the spec and makes the request.</summary>
    /// <exception cref="ContainerException">A flag, the bundle or the spec is wrong.</exception>
    public static (byte[] Config, CreateRequest Request) Read(GlobalOptions global, Arguments arguments, string id)
    {
        ContainerId.Validate(id);
        string bundle = Path.GetFullPath(arguments.Value("bundle") ?? ".");
        if (!Directory.Exists(bundle))
            throw new ContainerException(ContainerErrorKind.InvalidArgument, $"bundle '{bundle}' is not a folder");
        string file = arguments.Value("config") is { } given ? Path.GetFullPath(given, bundle) : $"{bundle}/config.json";
        byte[] config = ReadConfig(file);
        Spec spec = ReadSpec(config, file);
        int listening = ListenFds.Count;
        if (listening > 0 && spec.Process is { } process)
            ListenFds.AddTo(process, listening);
        CreateRequest request = new()
        {
            Id = id,
            Bundle = bundle,
            Spec = spec,
            Warn = ErrorReport.Warn,
            CgroupManager = global.CgroupManager,
            PreserveFds = listening + arguments.Number("preserve-fds", 0, 1 << 16, 0),
            TellsPid = listening > 0,
            Notifies = NotifySocket.Host is not null,
            NoPivot = arguments.Has("no-pivot"),
            KeepKeyring = arguments.Has("no-new-keyring"),
            SharesMemory = Sys.geteuid() == 0,
            Rootless = global.Rootless,
        };
        return (config, request);
    }

    /// <summary>Writes the pid file, whole before it has its name.</summary>
    public static void WritePidFile(Arguments arguments, int pid)
    {
        if (arguments.Value("pid-file") is { } path)
            PidFile.Write(path, pid);
    }

    private static Spec ReadSpec(byte[] config, string file)
    {
        try
        {
            return SpecReader.Read(config);
        }
        catch (SpecFormatException wrong)
        {
            throw new ContainerException(ContainerErrorKind.InvalidArgument, $"spec '{file}'", wrong);
        }
    }

    private static byte[] ReadConfig(string file)
    {
        int fd = Sys.openat(Sys.AT_FDCWD, file, O.RDONLY);
        if (Sys.Is(fd, Errno.ENOENT))
            throw new ContainerException(ContainerErrorKind.InvalidArgument, $"spec '{file}' does not exist") { Hint = "runcs spec makes one" };
        using OwnedFd owned = OwnedFd.FromAnswer(fd, "open spec", file);
        return FileIo.ReadSized(owned.Value, file, SpecReader.MaxBytes);
    }
}

using Rundlet.Linux;
using Rundlet.Runcs.CommandLine;
using Rundlet.Runtime;
using Rundlet.Syscalls;

namespace Rundlet.Runcs.Commands;

/// <summary><c>runcs restore</c>: as run, but from the files of a checkpoint.</summary>
internal sealed class RestoreCommand : Command
{
    public override string Name => "restore";

    public override string Usage => "ID";

    public override string Summary => "make a container from the files of a checkpoint, through criu";

    public override IReadOnlyList<Option> Options =>
    [
        .. CriuFlags.Options,
        new("bundle", 'b', "DIR", "folder of the bundle (default the current one)"),
        new("detach", 'd', null, "do not wait for the container's end"),
        new("pid-file", null, "FILE", "file that gets the pid of the container's first process"),
        new("no-subreaper", null, null, "do not collect orphans of the container"),
        new("no-pivot", null, null, "not supported by this version"),
        new("console-socket", null, "PATH", "not supported by this version"),
        new("lsm-profile", null, "TYPE:NAME", "profile of a security module, in place of the old one"),
        new("lsm-mount-context", null, "CONTEXT", "SELinux context of mounts, in place of the old one"),
    ];

    public override int Run(GlobalOptions global, Arguments arguments)
    {
        string id = OnlyWord(arguments);
        bool detach = arguments.Has("detach");
        CriuOptions options = CriuFlags.Read(arguments);
        if (options.ManageCgroups == "ignore")
            throw new ContainerException(ContainerErrorKind.Unsupported, "--manage-cgroups-mode=ignore is not supported for a restore: the processes would not be in the container's cgroup");
        (byte[] config, CreateRequest request) = CreateOptions.Read(global, arguments, id);
        if (!detach && !arguments.Has("no-subreaper"))
            LinuxException.ThrowIfError(Sys.prctl(PR.SET_CHILD_SUBREAPER, 1), "become a subreaper");
        using RestoredContainer container = RestoreContainer.Run(global.Store, config, request, options, child: !detach);
        try
        {
            CreateOptions.WritePidFile(arguments, container.Pid);
            if (detach)
                return 0;
            using ForegroundSession session = ForegroundSession.Open(container.Pidfd, terminal: null);
            int status = session.WaitForEnd();
            DeleteContainer.Run(global.Store, id, force: false, ErrorReport.Warn);
            return status;
        }
        catch
        {
            DeleteContainer.Run(global.Store, id, force: true, ErrorReport.Warn);
            throw;
        }
    }
}

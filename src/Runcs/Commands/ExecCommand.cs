using Rundlet.Linux;
using Rundlet.Linux.Cgroups;
using Rundlet.Oci;
using Rundlet.Runcs.CommandLine;
using Rundlet.Runtime;
using Rundlet.Syscalls;

namespace Rundlet.Runcs.Commands;

/// <summary><c>runcs exec</c>.</summary>
internal sealed class ExecCommand : Command
{
    public override string Name => "exec";

    public override string Usage => "ID COMMAND [ARGUMENTS]";

    public override string Summary => "start one more process in a running container";

    public override bool Interspersed => false;

    public override int FailureStatus => 255; // as runc

    public override IReadOnlyList<Option> Options =>
    [
        new("process", 'p', "FILE", "the process as JSON, in place of the flags below"),
        new("console-socket", null, "PATH", "unix socket that gets the master side of the terminal"),
        PidfdSocket.Option,
        new("detach", 'd', null, "do not wait for its end"),
        new("pid-file", null, "FILE", "file that gets its pid"),
        new("preserve-fds", null, "N", "pass N file descriptors from 3 on to it"),
        new("cwd", null, "DIR", "working folder in the container"),
        new("env", 'e', "NAME=VALUE", "one more variable; may be repeated"),
        new("tty", 't', null, "give it a terminal"),
        new("user", 'u', "UID[:GID]", "user and group, by number"),
        new("additional-gids", 'g', "GID", "one more group; may be repeated"),
        new("cap", 'c', "CAP_X", "one more capability; may be repeated"),
        new("no-new-privs", null, null, "set no_new_privs"),
        new("apparmor", null, "PROFILE", "AppArmor profile"),
        new("process-label", null, "LABEL", "SELinux label"),
        new("cgroup", null, "[CTRL,..:]PATH", "cgroup beneath the container's; may be repeated"),
        new("ignore-paused", null, null, "exec in a paused container too"),
    ];

    public override int Run(GlobalOptions global, Arguments arguments)
    {
        if (arguments.Words.Count < 1)
            throw new ContainerException(ContainerErrorKind.InvalidArgument, $"exec needs arguments: {Usage}");
        using ContainerHandle container = ContainerHandle.Look(global.Store, arguments.Words[0], opensProcess: true);
        RequireRunning(container, arguments.Has("ignore-paused"));
        Spec spec = container.LoadSpec();
        Process process = ExecProcessOptions.Read(arguments, spec);
        bool detach = arguments.Has("detach");
        using OwnedFd? console = ConsoleSocket.Connect(arguments.Value("console-socket"), process.Terminal, detach);
        using OwnedFd? pidfd = PidfdSocket.Connect(arguments);
        using OwnedFd init = container.OpenProcess();
        using Cgroup cgroup = ExecCgroup.Open(container, arguments);
        using StartedProcess started = ExecProcess.Run(new ExecRequest
        {
            Spec = spec,
            InitPidfd = init,
            InitPid = container.State!.Pid,
            Process = process,
            State = container.ToOciState(),
            Keyring = container.State is { KeepsKeyring: true } ? null : SessionKeyring.NameOf(arguments.Words[0]),
            Cgroup = cgroup,
            EnterRdt = RdtGroup.JoinOf(container.State),
            Warn = ErrorReport.Warn,
            SharesMemory = Sys.geteuid() == 0,
            ClonesNoMore = true,
            PreserveFds = arguments.Number("preserve-fds", 0, 1 << 16, 0),
        });
        try
        {
            if (console is not null && started.Terminal is { } terminal)
                ConsoleSocket.Send(console, terminal);
            PidfdSocket.Send(pidfd, started.Pidfd);
            if (arguments.Value("pid-file") is { } pidFile)
                PidFile.Write(pidFile, started.Pid);
        }
        catch
        {
            started.Abandon(); // nobody would know of it
            throw;
        }
        if (detach)
            return 0;
        using ForegroundSession session = ForegroundSession.Open(started.Pidfd, console is null ? started.Terminal : null);
        return session.WaitForEnd();
    }

    private static void RequireRunning(ContainerHandle container, bool ignorePaused)
    {
        switch (container.Status)
        {
            case ContainerStatus.Stopped or ContainerStatus.Creating:
                throw new ContainerException(ContainerErrorKind.Conflict, "cannot exec in a stopped container");
            case ContainerStatus.Paused when !ignorePaused:
                throw new ContainerException(ContainerErrorKind.Conflict, "cannot exec in a paused container (use --ignore-paused to override)");
        }
    }
}

using Rundlet.Linux;
using Rundlet.Runcs.CommandLine;
using Rundlet.Runtime;
using Rundlet.Syscalls;

namespace Rundlet.Runcs.Commands;

/// <summary><c>runcs run</c>: create, start, wait, delete.</summary>
internal sealed class RunCommand : Command
{
    public override string Name => "run";

    public override string Usage => "ID";

    public override string Summary => "create and start a container, wait for its end and delete it";

    public override IReadOnlyList<Option> Options =>
    [
        .. CreateOptions.Options,
        new("detach", 'd', null, "do not wait for the container's end"),
        new("keep", null, null, "do not delete the container after its end"),
        new("no-subreaper", null, null, "do not collect orphans of the container"),
    ];

    public override int Run(GlobalOptions global, Arguments arguments)
    {
        string id = OnlyWord(arguments);
        bool detach = arguments.Has("detach");
        (byte[] config, CreateRequest request) = CreateOptions.Read(global, arguments, id);
        bool terminal = request.Spec.Process?.Terminal ?? false;
        using OwnedFd? console = ConsoleSocket.Connect(arguments.Value("console-socket"), terminal, detach);
        using OwnedFd? pidfd = PidfdSocket.Connect(arguments);
        if (!detach && !arguments.Has("no-subreaper"))
            LinuxException.ThrowIfError(Sys.prctl(PR.SET_CHILD_SUBREAPER, 1), "become a subreaper");
        using CreatedContainer container = CreateInState.Run(global.Store, config, request, stays: true);
        try
        {
            PidfdSocket.Send(pidfd, container.Pidfd);
            CreateOptions.WritePidFile(arguments, container.Pid);
            if (console is not null && container.Terminal is { } other)
                ConsoleSocket.Send(console, other);
            using NotifySocket? notify = NotifySocket.Host is { } host ? NotifySocket.Open(global.Store, id, host) : null;
            using ForegroundSession? session = detach ? null : ForegroundSession.Open(container.Pidfd, console is null ? container.Terminal : null, notify);
            container.Start();
            if (detach)
            {
                notify?.AwaitReady(container.Pidfd, container.Pid);
                return 0;
            }
            int status = session!.WaitForEnd();
            if (!arguments.Has("keep"))
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

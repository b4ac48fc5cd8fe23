using Rundlet.Linux;
using Rundlet.Runcs.CommandLine;
using Rundlet.Runtime;

namespace Rundlet.Runcs.Commands;

/// <summary><c>runcs start</c>.</summary>
internal sealed class StartCommand : Command
{
    public override string Name => "start";

    public override string Usage => "ID";

    public override string Summary => "start the program of a created container";

    public override int Run(GlobalOptions global, Arguments arguments)
    {
        string id = OnlyWord(arguments);
        if (NotifySocket.Host is not { } host)
        {
            StartContainer.Run(global.Store, id, ErrorReport.Warn);
            return 0;
        }
        using NotifySocket? notify = NotifySocket.Open(global.Store, id, host);
        int pid = 0;
        using OwnedFd? process = notify is null ? null : ProcessOf(global, id, out pid);
        StartContainer.Run(global.Store, id, ErrorReport.Warn);
        if (notify is not null && process is not null)
            notify.AwaitReady(process, pid);
        return 0;
    }

    private static OwnedFd? ProcessOf(GlobalOptions global, string id, out int pid)
    {
        using ContainerHandle container = ContainerHandle.Look(global.Store, id);
        pid = container.State?.Pid ?? 0;
        return container.Status == ContainerStatus.Created ? container.OpenProcess() : null; // else the start says what is wrong
    }
}

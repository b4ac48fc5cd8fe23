using Rundlet.Linux;
using Rundlet.Runcs.CommandLine;
using Rundlet.Runtime;

namespace Rundlet.Runcs.Commands;

/// <summary><c>runcs create</c>.</summary>
internal sealed class CreateCommand : Command
{
    public override string Name => "create";

    public override string Usage => "ID";

    public override string Summary => "make a container that waits for start";

    public override IReadOnlyList<Option> Options => CreateOptions.Options;

    public override int Run(GlobalOptions global, Arguments arguments)
    {
        string id = OnlyWord(arguments);
        (byte[] config, CreateRequest request) = CreateOptions.Read(global, arguments, id);
        using OwnedFd? console = ConsoleSocket.Connect(arguments.Value("console-socket"), request.Spec.Process?.Terminal ?? false, detached: true);
        using OwnedFd? pidfd = PidfdSocket.Connect(arguments);
        using CreatedContainer container = CreateInState.Run(global.Store, config, request, stays: false);
        try
        {
            if (console is not null && container.Terminal is { } terminal)
                ConsoleSocket.Send(console, terminal);
            PidfdSocket.Send(pidfd, container.Pidfd);
            CreateOptions.WritePidFile(arguments, container.Pid);
        }
        catch
        {
            DeleteContainer.Run(global.Store, id, force: true, ErrorReport.Warn);
            throw;
        }
        return 0;
    }
}

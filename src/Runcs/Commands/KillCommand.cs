using Rundlet.Linux;
using Rundlet.Runcs.CommandLine;
using Rundlet.Runtime;
using Rundlet.Runtime.State;

namespace Rundlet.Runcs.Commands;

/// <summary><c>runcs kill</c>.</summary>
internal sealed class KillCommand : Command
{
    public override string Name => "kill";

    public override string Usage => "ID [SIGNAL]";

    public override string Summary => "send a signal to a container (default SIGTERM)";

    public override IReadOnlyList<Option> Options => [new("all", 'a', null, "to every process of the container"), Containers.Regex];

    public override int Run(GlobalOptions global, Arguments arguments)
    {
        if (arguments.Words.Count is < 1 or > 2)
            throw new Linux.ContainerException(Linux.ContainerErrorKind.InvalidArgument, $"kill needs one or two arguments: {Usage}");
        string word = arguments.Words.Count == 2 ? arguments.Words[1] : "TERM";
        int signal = word == "0" ? 0 : SignalNames.Parse(word); // as kill(2): 0 asks whether it is there
        StateStore store = global.Store;
        Containers.Each(store, arguments, arguments.Words[0], id => KillContainer.Run(store, id, signal, arguments.Has("all")));
        return 0;
    }
}

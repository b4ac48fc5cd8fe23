using Rundlet.Runcs.CommandLine;
using Rundlet.Runtime;

namespace Rundlet.Runcs.Commands;

/// <summary><c>runcs checkpoint</c>.</summary>
internal sealed class CheckpointCommand : Command
{
    public override string Name => "checkpoint";

    public override string Usage => "ID";

    public override string Summary => "write a running container to files, through criu";

    public override IReadOnlyList<Option> Options =>
    [
        .. CriuFlags.Options,
        new("parent-path", null, "DIR", "images of an earlier dump, relative to those of this one"),
        new("leave-running", null, null, "let the container run on"),
        new("pre-dump", null, null, "dump the memory only, ahead of a dump; the container runs on"),
        new("tcp-skip-in-flight", null, null, "leave out TCP connections that are being made"),
        new("link-remap", null, null, "give open files that were unlinked a name again"),
        new("page-server", null, "ADDRESS:PORT", "not supported by this version"),
        new("status-fd", null, "N", "not supported by this version"),
    ];

    public override int Run(GlobalOptions global, Arguments arguments)
    {
        string id = OnlyWord(arguments);
        CheckpointContainer.Run(global.Store, id, CriuFlags.Read(arguments), ErrorReport.Warn);
        return 0;
    }
}

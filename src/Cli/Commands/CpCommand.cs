using Rundlet.Cli.CommandLine;
using Rundlet.Cli.Files;
using Rundlet.Cli.Output;
using Rundlet.Cli.Output.Progress;
using Rundlet.Cli.Terminal;
using Rundlet.Engine;
using Rundlet.Engine.Operations;
using Rundlet.Engine.State;
using Rundlet.Images.Copies;
using Rundlet.Linux;
using Rundlet.Syscalls;

namespace Rundlet.Cli.Commands;

internal sealed class CpCommand : Command
{
    private const string Archive = "-";

    public override string Name => "cp";

    public override string Usage => "[CONTAINER:]SOURCE|- [CONTAINER:]TARGET|-";

    public override string Summary => "Copy files out of a container, or into one.";

    public override IReadOnlyList<Option> Options =>
    [
        new("archive", 'a', null, "keep the owners of files (default: root's in a container, yours here)"),
        new("follow-link", 'L', null, "copy what a link leads to, where SOURCE is one"),
        new("quiet", 'q', null, "say nothing of how it goes on"),
    ];

    public override IReadOnlyList<string> Examples =>
    [
        "rundlet cp web:/etc/nginx/. ./nginx",
        "rundlet cp site.conf web:/etc/nginx/conf.d/",
        "rundlet cp web:/var/log - | tar tv",
    ];

    public override int Run(Session session, Arguments arguments)
    {
        if (arguments.Words.Count != 2)
            throw Wants(arguments, "a source and a target");
        CopyEnd from = CopyEnd.Parse(arguments.Words[0]), to = CopyEnd.Parse(arguments.Words[1]);
        if (from.Container is not null && to.Container is not null)
            throw new ContainerException(ContainerErrorKind.Unsupported, "copying between containers is not supported") { Hint = $"rundlet cp {arguments.Words[0]} - | rundlet cp - {to.Container}:FOLDER" };
        if ((from.Container ?? to.Container) is not { } name)
            throw new ContainerException(ContainerErrorKind.InvalidArgument, "neither of the two is in a container") { Hint = "write CONTAINER:PATH for one of them" };
        using ContainerEngine engine = session.OpenEngine();
        ContainerRecord record = engine.Containers.Get(name);
        bool shows = !arguments.Has("quiet") && Out.IsTerminal(2);
        using IProgressDisplay display = shows ? ProgressDisplay.OnTerminal(2) : new SilentProgress();
        string shown = $"{from.Shown} to {to.Shown}";
        var notes = new CopyNotes
        {
            Progress = bytes => display.Report(new ProgressEvent("copy", Human.Decimal((ulong)bytes))),
            Skipped = sentence => Out.Error($"rundlet: {sentence}"),
        };
        Interrupt.Run($"the copy of {shown}", "what was not whole was taken back", cancel =>
        {
            Copy(engine, record, from, to, arguments, notes, cancel);
            return 0;
        });
        if (shows)
            display.Say($"Successfully copied {Human.Decimal((ulong)notes.Bytes)} from {shown}");
        return 0;
    }

    private static void Copy(ContainerEngine engine, ContainerRecord record, CopyEnd from, CopyEnd to, Arguments arguments, CopyNotes notes, CancellationToken cancel)
    {
        bool keeps = arguments.Has("archive");
        var options = new CopyOptions
        {
            Follow = arguments.Has("follow-link"),
            Owner = keeps ? null : to.Container is null ? CopyIds.Always((uint)Sys.geteuid(), (uint)Sys.getegid()) : CopyIds.Always(0, 0),
        };
        if (from.Container is not null && to.Path == Archive)
        {
            using OutputFile output = OutputFile.Open(null, "an archive");
            CopyFromContainer.Pack(engine, record, from.Path, output, options, notes, cancel);
            output.Commit();
        }
        else if (from.Container is not null)
        {
            CopyFromContainer.Run(engine, record, from.Path, to.Path, options, notes, cancel);
        }
        else if (from.Path == Archive)
        {
            using InputFile input = InputFile.Open(null, "pipe a tar into it", cancel);
            CopyToContainer.Unpack(engine, record, input, to.Path, notes, cancel);
        }
        else
        {
            CopyToContainer.Run(engine, record, from.Path, to.Path, options, notes, cancel);
        }
    }

    /// <summary>One end of a copy, as docker reads it: what begins with a slash or a dot, or has no colon, is here.</summary>
    private sealed record CopyEnd(string? Container, string Path, string Shown)
    {
        public static CopyEnd Parse(string word)
        {
            int colon = word.IndexOf(':');
            if (word == Archive)
                return new CopyEnd(null, Archive, "a tar");
            if (colon <= 0 || word[0] is '/' or '.')
                return new CopyEnd(null, Absolute(word), $"'{word}'");
            return colon == word.Length - 1
                ? throw new ContainerException(ContainerErrorKind.InvalidArgument, $"no path behind '{word}'")
                : new CopyEnd(word[..colon], word[(colon + 1)..], $"'{word}'");
        }

        // The end of the path stays as it was written: a slash there means something.
        private static string Absolute(string word) => word switch
        {
            "" => throw new ContainerException(ContainerErrorKind.InvalidArgument, "an empty path"),
            ['/', ..] => word,
            _ => $"{Environment.CurrentDirectory}/{word}",
        };
    }
}

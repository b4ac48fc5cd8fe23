using Rundlet.Cli.CommandLine;
using Rundlet.Cli.Files;
using Rundlet.Cli.Output.Progress;
using Rundlet.Cli.Terminal;
using Rundlet.Engine;
using Rundlet.Engine.Diagnosis;
using Rundlet.Engine.Operations;
using Rundlet.Engine.Options;
using Rundlet.Images.Platforms;
using Rundlet.Images.References;
using Rundlet.Linux;
using Rundlet.Runtime.Supervision;

namespace Rundlet.Cli.Commands;

internal sealed class RunCommand : Command
{
    public override string Name => "run";

    public override string Usage => "IMAGE [COMMAND [ARG…]]";

    public override string Summary => "Make a container of an image and start it.";

    public override IReadOnlyList<Option> Options => RunOptions.All;

    public override IReadOnlyList<string> Examples =>
    [
        "rundlet run --rm hello",
        "rundlet run -d --name web -p 8080:80 -m 128m hello http 80",
        "rundlet run --rm -it -v ./src:/src debian bash",
    ];

    public override int FreeWords => 1;

    public override int FailureCode => ErrorReport.UsageCode;

    public override int Run(Session session, Arguments arguments)
    {
        if (arguments.Words.Count == 0)
            throw Wants(arguments, "an image");
        bool detached = arguments.Has("detach");
        DetachKeys keys = DetachKeys.Parse(arguments.Value(AttachCommand.DetachKeysOption.Name));
        ContainerOptions options = RunOptions.Read(arguments);
        if (detached && options.Attached.Count > 0)
            throw new ContainerException(ContainerErrorKind.InvalidArgument, "--attach and --detach exclude each other");
        if (options.Terminal && options.OpenStdin && !detached && !Out.IsTerminal(0))
            throw new ContainerException(ContainerErrorKind.InvalidArgument, "standard input is not a terminal") { Hint = "leave -t away, or call rundlet from a terminal" };
        using ContainerEngine engine = session.OpenEngine();
        (string name, NamedImage? image) = Ensure(engine, arguments);
        options = options with { Image = name };
        using IdFile? idFile = options.IdFile is { } path ? IdFile.Make(path) : null;
        using ContainerRun run = ContainerRun.Begin(engine, options, foreground: !detached, image);
        try
        {
            idFile?.Write(run.Record.Id);
            run.WaitCreated();
            return detached ? Detached(run, idFile) : Foreground(engine, run, options, keys, AttachCommand.PassesSignals(arguments), idFile);
        }
        catch (ContainerException e) when (run.Failure is { } failure)
        {
            // What is wrong with the program is seen best while the container's files are there.
            Finding? finding = failure.ExitCode is 126 or 127 ? ExplainContainer.OfProgram(engine, run.Record) : null;
            ErrorReport.Write(finding is null ? e : new ContainerException(e.Kind, e.Message) { Hint = finding.Hint is null ? finding.Text : $"{finding.Text}: {finding.Hint}" }, session.Debug);
            return failure.ExitCode;
        }
    }

    // What is shown of a pull goes to standard error: standard output is the container's.
    internal static (string Name, NamedImage? Image) Ensure(ContainerEngine engine, Arguments arguments)
    {
        string name = arguments.Words[0];
        PullPolicy policy = arguments.Value("pull") is { } word ? PullPolicies.Parse(word) : PullPolicy.Missing;
        ImagePlatform? platform = arguments.Value("platform") is { } text ? ImagePlatform.Parse(text) : null;
        if (engine.Images.IsEmbedded(name))
            return (name, null);
        FoundImage? here = policy == PullPolicy.Always ? null : EnsureImage.Find(engine, name, platform);
        if (here is not null || policy == PullPolicy.Never)
            return (here?.Called ?? name, here?.Image);
        string familiar = ImageReference.Parse(name).Familiar;
        using IProgressDisplay display = ProgressDisplay.Open(arguments, fd: 2);
        if (policy == PullPolicy.Missing)
            display.Say($"Unable to find image '{familiar}' locally");
        string pulled = Interrupt.Run(
            $"the pull of '{familiar}'", "the same command goes on where this one stopped", cancel => EnsureImage.Pull(engine, name, platform, new PullProgress(display), cancel));
        return (pulled, null);
    }

    private static int Detached(ContainerRun run, IdFile? idFile)
    {
        run.Go();
        idFile?.Keep();
        Out.Line(run.Record.Id);
        return 0;
    }

    private static int Foreground(ContainerEngine engine, ContainerRun run, ContainerOptions options, DetachKeys keys, bool passesSignals, IdFile? idFile)
    {
        using SupervisorConnection connection = run.Connect();
        bool Wants(string stream) => options.Attached.Count == 0 || options.Attached.Contains(stream);
        bool stdin = options.OpenStdin && Wants("stdin");
        connection.Attach(stdin, Wants("stdout"), Wants("stderr"));
        using var attached = new AttachedSession(connection, engine.Paths.Live(run.Record.Id), stdin, options.Terminal, keys, passesSignals);
        attached.Prepare();
        run.Go();
        idFile?.Keep();
        return AttachCommand.Finish(engine, run.Record, attached, Wants("stdout"), Wants("stderr"), exit =>
        {
            if (exit.ExitCode != 0 && ExplainContainer.OfMemory(exit, options.Resources.Memory) is { } memory)
                ErrorReport.Write(new ContainerException(ContainerErrorKind.Internal, $"container '{run.Record.Name}': {memory.Text}") { Hint = memory.Hint }, debug: false);
        });
    }
}

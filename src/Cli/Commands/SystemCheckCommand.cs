using Rundlet.Cli.CommandLine;
using Rundlet.Cli.Output.Progress;
using Rundlet.Cli.Terminal;
using Rundlet.Engine;
using Rundlet.Engine.Operations;
using Rundlet.Images.Check;
using Rundlet.Linux;

namespace Rundlet.Cli.Commands;

internal sealed class SystemCheckCommand : Command
{
    public override string Name => "check";

    public override string Usage => "";

    public override string Summary => "Verify every blob and every layer of all images.";

    public override IReadOnlyList<Option> Options =>
    [
        new("repair", null, null, "bring again what is damaged or missing, from what is whole or from the registry"),
        .. ProgressDisplay.Options,
    ];

    public override int Run(Session session, Arguments arguments)
    {
        RefuseWords(arguments);
        using ContainerEngine engine = session.OpenEngine();
        StoreReport report;
        using (IProgressDisplay display = ProgressDisplay.Open(arguments, fd: 2))
            report = Interrupt.Run("the check", null, cancel => engine.Images.Store.Check(progress => Show(display, progress), cancel));
        foreach (StoreProblem problem in report.Problems)
            Out.Line(Output.Human.Printable(problem.ToString()));
        Out.Line($"{report.Blobs} blobs and {report.Layers} layers verified, {Count(report.Problems.Count)}");
        if (report.Problems.Count == 0)
            return 0;
        if (!arguments.Has("repair"))
            throw new ContainerException(ContainerErrorKind.Conflict, $"the images have {Count(report.Problems.Count)}") { Hint = "rundlet system check --repair brings again what is damaged" };
        IReadOnlyList<StoreProblem> left;
        using (IProgressDisplay display = ProgressDisplay.Open(arguments, fd: 2))
            left = Interrupt.Run("the repair", "run it again to go on", cancel => RepairImages.Run(engine, report, new PullProgress(display), cancel));
        foreach (StoreProblem problem in left)
            Out.Line($"not repaired: {Output.Human.Printable(problem.ToString())}");
        Out.Line($"{report.Problems.Count - left.Count} repaired");
        return left.Count == 0 ? 0 : FailureCode;
    }

    private static void Show(IProgressDisplay display, CheckProgress progress)
    {
        string id = progress.Kind == StoreProblemKind.Blob ? "blobs" : "layers";
        display.Report(progress.IsFinal ? new ProgressEvent(id, "Checked", IsFinal: true) : new ProgressEvent(id, "Checking", progress.Done, progress.Total));
    }

    private static string Count(int problems) => problems == 0 ? "no problem" : problems == 1 ? "1 problem" : $"{problems} problems";
}

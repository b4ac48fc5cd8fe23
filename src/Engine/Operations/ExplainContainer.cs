using System.Text;
using Rundlet.Engine.Diagnosis;
using Rundlet.Engine.Images;
using Rundlet.Engine.Lifecycle;
using Rundlet.Engine.Logs;
using Rundlet.Engine.Options;
using Rundlet.Engine.State;
using Rundlet.Linux;
using Rundlet.Oci;
using Rundlet.Runtime.Supervision;
using Rundlet.Syscalls;

namespace Rundlet.Engine.Operations;

/// <summary>Finds out why a container ended, did not start, or is not well.</summary>
public static class ExplainContainer
{
    private const int LastLines = 10;
    private const int MaxLine = 1000;
    private const int CannotExecute = 126, NotFound = 127;

    /// <summary>Looks.</summary>
    /// <exception cref="ContainerException">NotFound: it is gone, or half made.</exception>
    public static Explanation Run(ContainerEngine engine, ContainerRecord record)
    {
        InspectContainer container = InspectContainer.Run(engine, record);
        ContainerStanding standing = container.Standing;
        List<Finding> findings = [];
        List<string> lines = TailOf(engine, record, container.Options);
        StartFailure? failure = StartFailure.TryRead(engine.Paths, record.Id);
        if (standing.Exit is { } ended && failure?.At < ended.FinishedAt)
            failure = null;
        if (standing.Phase == ContainerPhase.Restarting)
            findings.Add(new Finding("it has ended, and waits for its restart policy to start it again", $"rundlet stop {record.Name} ends that; rundlet logs -f {record.Name} shows the next try"));
        if (standing.HasProcess)
            findings.Add(new Finding(standing.Phase == ContainerPhase.Paused ? "it is paused" : "it runs", standing.Phase == ContainerPhase.Paused ? $"rundlet unpause {record.Name}" : null));
        else if (standing.Damage is { } damage)
            findings.Add(new Finding($"it cannot be settled: {damage}", $"rundlet rm -f {record.Name} removes it all the same"));
        else if (failure is not null)
            AddFailure(findings, engine, record, container.Spec, failure);
        else if (standing.Exit is { } exit)
            AddExit(findings, engine, container, exit, lines);
        else
            findings.Add(new Finding("it was made and never started", $"rundlet start {record.Name}"));
        return new Explanation(record, standing, findings, lines);
    }

    /// <summary>Why a program cannot be executed, found out in the container's files; null where nothing is to be seen.</summary>
    public static Finding? OfProgram(ContainerEngine engine, ContainerRecord record)
    {
        try
        {
            return CheckProgram(engine, record, InspectContainer.SpecOf(engine, record));
        }
        catch (Exception e) when (e is ContainerException or LinuxException or SpecFormatException)
        {
            return null; // this only explains a failure that is told already
        }
    }

    /// <summary>What the kernel did for lack of memory; null where it did nothing.</summary>
    /// <param name="exit">The container's end.</param>
    /// <param name="limit">Its limit in bytes; null for none.</param>
    public static Finding? OfMemory(ExitRecord exit, long? limit)
    {
        if (!exit.OomKilled)
            return null;
        string text = limit is { } bytes
            ? $"the kernel killed a process of it for lack of memory: its limit is {Mebibytes(bytes)} MiB"
            : "the kernel killed a process of it because the machine, or a group above it, was out of memory";
        return new Finding(text, limit is { } now ? $"give it more: --memory {2 * Math.Max(1, now >> 20)}m, or let its program use less" : "give it a limit of its own (--memory), so that it does not take the memory of others");
    }

    private static void AddFailure(List<Finding> findings, ContainerEngine engine, ContainerRecord record, Spec spec, StartFailure failure)
    {
        Finding? program = failure.ExitCode is CannotExecute or NotFound ? CheckProgram(engine, record, spec) : null;
        findings.Add(new Finding($"its last start failed: {failure.Message}", program is null ? failure.Hint : null));
        if (program is not null)
            findings.Add(program);
    }

    private static void AddExit(List<Finding> findings, ContainerEngine engine, InspectContainer container, ExitRecord exit, List<string> lines)
    {
        if (OfMemory(exit, container.Options.Resources.Memory) is { } memory)
            findings.Add(memory);
        findings.Add(ExitWords.Of(exit));
        if (exit.ExitCode is CannotExecute or NotFound && CheckProgram(engine, container.Record, container.Spec) is { } program)
            findings.Add(program);
        findings.AddRange(lines.Select(LogClue.Of).OfType<Finding>().DistinctBy(clue => clue.Text).TakeLast(3));
        if (exit.Error is { } error)
            findings.Add(new Finding(error));
        if (exit.RestartCount > 0)
            findings.Add(new Finding($"its restart policy had started it again {exit.RestartCount} {(exit.RestartCount == 1 ? "time" : "times")}"));
    }

    private static Finding? CheckProgram(ContainerEngine engine, ContainerRecord record, Spec spec)
    {
        if (spec.Process is not { } process)
            return null;
        using OwnedFd root = ContainerFiles.OpenRoot(engine, record);
        return new ProgramCheck(new RootFiles(root), process, [.. spec.Mounts?.Select(mount => mount.Destination) ?? []]).Run();
    }

    private static List<string> TailOf(ContainerEngine engine, ContainerRecord record, ContainerOptions options)
    {
        List<string> lines = [];
        if (options.Log?.Driver == LogOptions.None)
            return lines;
        try
        {
            ContainerLogs.Run(engine, record, new LogRequest { Tail = LastLines }, line => lines.Add(TextOf(line.Text)), static () => { });
        }
        catch (Exception e) when (e is ContainerException or LinuxException)
        {
            lines.Add($"(the log cannot be read: {e.Message})");
        }
        return lines;
    }

    private static string TextOf(ReadOnlySpan<byte> text) => Encoding.UTF8.GetString(text[..Math.Min(text.Length, MaxLine)]).TrimEnd('\n', '\r');

    private static string Mebibytes(long bytes) => (bytes / (double)(1 << 20)).ToString("0.#", System.Globalization.CultureInfo.InvariantCulture);
}

using System.Text.Json;
using Rundlet.Linux;
using Rundlet.Linux.Proc;
using Rundlet.Syscalls;

namespace Rundlet.Torture;

/// <summary>
/// Hostile documents. Each goes through reader, validator and planner in this process; every so-manieth through the runtime itself
/// too, as create and start and delete, as run, or as exec in a container that stands. It is run or refused with a reason; it never
/// ends the runtime by a signal, never hangs it, and leaves nothing.
/// </summary>
internal sealed class FuzzCampaign(Sandbox sandbox, RuntimeCommands runtime, int seed)
{
    private const int RootfsLife = 400; // commands after which the root file system is made anew

    private readonly Mutator _mutator = new(new Random(seed), sandbox.Prefix);
    private readonly Random _random = new(seed + 1);
    private readonly Report _report = new("fuzz", seed);
    private Standing? _standing;
    private int _executed;

    /// <summary>Runs it.</summary>
    /// <param name="documents">How many.</param>
    /// <param name="each">Of so many, one goes through the runtime.</param>
    public int Run(int documents, int each)
    {
        List<string> before = [];
        for (int i = 0; i < documents; i++)
        {
            if (i == documents / 5) // the framework has its own open by now
                before = Descriptors();
            bool process = _random.Next(6) == 0;
            byte[] document = process ? _mutator.Process() : _mutator.Spec();
            string answer = InProcess.Try(document, process, sandbox.Prefix);
            _report.Count(answer is "read" or "planned" ? "taken by the planner" : answer.StartsWith("refused", StringComparison.Ordinal) ? "refused by it" : "broken");
            if (!answer.StartsWith("refused", StringComparison.Ordinal) && answer is not ("read" or "planned"))
                _report.Complain($"document {i}", answer, document);
            // What would be refused is refused before anything is made: those that get further are tried more often.
            if (_random.Next(answer.StartsWith("refused", StringComparison.Ordinal) ? 2 * each : Math.Max(1, each / 3)) == 0)
                Execute(i, document, process);
            _report.Progress(i, documents);
        }
        RemoveStanding();
        List<string> after = Descriptors();
        if (after.Count > before.Count + 1) // one is the list's own
            _report.Complain("descriptors", $"{before.Count} before, {after.Count} after: {string.Join(' ', after.Except(before))}");
        return _report.End();
    }

    private static List<string> Descriptors() =>
        [.. Directory.GetFileSystemEntries("/proc/self/fd").Select(fd => $"{Path.GetFileName(fd)}={new FileInfo(fd).LinkTarget}").Where(fd => !fd.EndsWith(".dll", StringComparison.Ordinal))];

    private void Execute(int number, byte[] document, bool process)
    {
        if (_executed++ % RootfsLife == 0)
        {
            RemoveStanding();
            Sandbox.MakeRootfs();
        }
        string id = $"{sandbox.Prefix}-{number}";
        string? complaint = process ? Exec(document) : _random.Next(12) == 0 ? Update(id, document = _mutator.Resources()) : _random.Next(4) == 0 ? RunOnce(id, document) : CreateAndDelete(id, document);
        if (complaint is not null)
            _report.Complain($"document {number}, {(process ? "process" : "spec")}", complaint, document);
        List<string> left = sandbox.Leftovers(_standing);
        if (left.Count == 0)
            return;
        // A runtime removes the cgroup of its container, and leaves those above it, which others may share.
        if (left.RemoveAll(what => IsAboveItsCgroup(what, document)) > 0 && left.Count == 0)
        {
            sandbox.RemoveCgroups();
            return;
        }
        _report.Complain($"document {number}", "left: " + string.Join("; ", left), document);
        _standing = null;
        sandbox.CleanUp();
    }

    private static bool IsAboveItsCgroup(string left, byte[] document)
    {
        const string Cgroup = "cgroup ";
        if (!left.StartsWith(Cgroup, StringComparison.Ordinal) || CgroupsPath(document) is not { } path)
            return false;
        string[] own = path.Split('/', StringSplitOptions.RemoveEmptyEntries);
        return Enumerable.Range(1, Math.Max(0, own.Length - 1)).Any(depth => left.EndsWith("/" + string.Join('/', own[..depth]), StringComparison.Ordinal));
    }

    private static string? CgroupsPath(byte[] document)
    {
        try
        {
            using JsonDocument json = JsonDocument.Parse(document);
            return json.RootElement.GetProperty("linux").GetProperty("cgroupsPath").GetString();
        }
        catch (Exception error) when (error is JsonException or InvalidOperationException or KeyNotFoundException)
        {
            return null; // hostile, or without one
        }
    }

    private string? CreateAndDelete(string id, byte[] document)
    {
        File.WriteAllBytes($"{Sandbox.Bundle}/config.json", document);
        long began = System.Diagnostics.Stopwatch.GetTimestamp();
        Outcome create = runtime.Run("create", "--bundle", Sandbox.Bundle, id);
        _report.Note("create", create.Text, began);
        _report.Count(create.Succeeded ? "created" : "create refused");
        if (create.Complaint() is { } wrong)
            return "create: " + wrong + Forced(id);
        if (!create.Succeeded)
            return Directory.Exists($"{Sandbox.StateRoot}/{id}") ? "create failed and left its state" : null;
        Outcome state = runtime.Run("state", id);
        if (!state.Succeeded || !state.Text.Contains("\"created\"", StringComparison.Ordinal))
            return "state after create: " + state.Text + Forced(id);
        if (_random.Next(2) == 0 && runtime.Run("start", id).Complaint() is { } unstarted)
            return "start: " + unstarted + Forced(id);
        return Forced(id) is { Length: > 0 } undeleted ? undeleted : null;
    }

    private string? RunOnce(string id, byte[] document)
    {
        File.WriteAllBytes($"{Sandbox.Bundle}/config.json", document);
        long began = System.Diagnostics.Stopwatch.GetTimestamp();
        Outcome run = runtime.Run("run", "--bundle", Sandbox.Bundle, id);
        _report.Note("run", run.Text, began);
        _report.Count(run.Succeeded ? "ran" : "run refused or failed");
        string after = Forced(id);
        return run.Complaint(ofProgram: true) is { } wrong ? "run: " + wrong + after : after.Length > 0 ? after : null;
    }

    private string? Exec(byte[] document)
    {
        if (_standing is null && Stand() is { } cannot)
            return cannot;
        File.WriteAllBytes($"{Sandbox.Folder}/process.json", document);
        Outcome exec = runtime.Run("exec", "--process", $"{Sandbox.Folder}/process.json", _standing!.Id);
        _report.Count(exec.Succeeded ? "executed" : "exec refused or failed");
        return exec.Complaint(ofProgram: true) is { } wrong ? "exec: " + wrong : null;
    }

    // A container of its own: one that has no memory left, or is frozen, is what was asked for.
    private string? Update(string id, byte[] document)
    {
        File.WriteAllBytes($"{Sandbox.Bundle}/config.json", _mutator.Working("working", id));
        File.WriteAllBytes($"{Sandbox.Folder}/process.json", document);
        Outcome create = runtime.Run("create", "--bundle", Sandbox.Bundle, id);
        Outcome update = runtime.Run("update", "--resources", $"{Sandbox.Folder}/process.json", id);
        _report.Count(update.Succeeded ? "updated" : "update refused");
        string? wrong = create.Succeeded ? update.Complaint() : $"create: {create.Text}";
        string after = Forced(id);
        return wrong is not null ? "update: " + wrong + after : after.Length > 0 ? after : null;
    }

    // Nothing of the campaign may stand in the way of the next document, whatever came of this one.
    private string Forced(string id)
    {
        Outcome deleted = runtime.Run("delete", "--force", id);
        return deleted.Succeeded ? "" : $"; delete --force: {deleted.Complaint() ?? deleted.Text}";
    }

    private string? Stand()
    {
        string id = $"{sandbox.Prefix}-stand{_executed}";
        string spec = System.Text.Encoding.UTF8.GetString(_mutator.Working("working", id)).Replace("\"/bin/true\",\"one\"", "\"/bin/sleep\",\"100000\"", StringComparison.Ordinal);
        File.WriteAllText($"{Sandbox.Bundle}/config.json", spec);
        Outcome create = runtime.Run("create", "--bundle", Sandbox.Bundle, id);
        Outcome start = runtime.Run("start", id);
        if (!create.Succeeded || !start.Succeeded)
            return $"no container to exec in: {create.Text} {start.Text}{Forced(id)}";
        string state = runtime.Run("state", id).Text;
        _standing = new Standing(id, System.Text.Json.JsonDocument.Parse(state).RootElement.GetProperty("pid").GetInt32());
        return null;
    }

    private void RemoveStanding()
    {
        if (_standing is null)
            return;
        if (ProcStat.TryRead(_standing.Pid) is not { IsAlive: true })
            _report.Complain("the container that others exec in", "is gone");
        if (Forced(_standing.Id) is { Length: > 0 } undeleted)
            _report.Complain("the container that others exec in", undeleted);
        _standing = null;
    }
}

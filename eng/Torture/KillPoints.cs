namespace Rundlet.Torture;

/// <summary>
/// The same exhaustively: with strace(1) each command is killed at its first system call, its second, and so on to the last, and so is
/// the container's first process.
/// </summary>
internal sealed class KillPoints(Sandbox sandbox, RuntimeCommands runtime)
{
    private const string Trace = "/tmp/trace";
    private const int Patience = 30_000;

    private readonly Report _report = new("points", 0);
    private readonly Containers _containers = new(sandbox, runtime);

    /// <summary>Runs it.</summary>
    /// <param name="every">1 for every call, 20 for each twentieth.</param>
    public int Run(int every)
    {
        Cover("create", every, () => _containers.Next(sleeps: true), id => ["create", "--bundle", Sandbox.Bundle, id]);
        Cover("run", every, () => _containers.Next(sleeps: false), id => ["run", "--bundle", Sandbox.Bundle, id]);
        Cover("run in a user namespace", every, () => _containers.Next(sleeps: false, "user"), id => ["run", "--bundle", Sandbox.Bundle, id]);
        if (runtime.Run("run", "--bundle", Sandbox.Bundle, _containers.Next(sleeps: false, "hooks")).Succeeded)
            Cover("run with hooks", every, () => _containers.Next(sleeps: false, "hooks"), id => ["run", "--bundle", Sandbox.Bundle, id]);
        Cover("start", every, () => _containers.Make(started: false), id => ["start", id]);
        Cover("exec", every, () => _containers.Make(started: true), id => ["exec", id, "/bin/true"]);
        Cover("kill", every, () => _containers.Make(started: true), id => ["kill", id, "KILL"]);
        Cover("delete --force", every, () => _containers.Make(started: true), id => ["delete", "--force", id]);
        Cover("delete of a created one", every, () => _containers.Make(started: false), id => ["delete", id]);
        foreach (string command in new[] { "pause", "resume", "update" }.Where(_containers.Commands.Contains))
            Cover(command, every, () => Prepared(command), id => command == "update" ? [command, "--pids-limit", "50", id] : [command, id]);
        Cover("first process of run", every, () => _containers.Next(sleeps: false), id => ["run", "--bundle", Sandbox.Bundle, id], ofChild: true);
        Cover("process of exec", every, () => _containers.Make(started: true), id => ["exec", id, "/bin/true"], ofChild: true);
        return _report.End();
    }

    private string Prepared(string command)
    {
        string id = _containers.Make(started: true);
        if (command == "resume")
            _containers.Must("pause", id);
        return id;
    }

    private void Cover(string name, int every, Func<string> prepare, Func<string, string[]> words, bool ofChild = false)
    {
        List<(string Call, int Nth)> points = Record(name, prepare(), words, ofChild);
        for (int i = 0; i < points.Count; i += every)
        {
            (string call, int nth) = points[i];
            string id = prepare();
            Outcome outcome;
            using (RunningCommand traced = runtime.StartTraced([.. ofChild ? s_withChildren : [], "-e", $"trace={call}", "-e", $"inject={call}:signal=SIGKILL:when={nth}", "-o", "/dev/null"], words(id)))
                outcome = traced.Wait(Patience);
            bool killed = outcome.Signal != 0;
            // Of a killed child the runtime tells; and it is not always the same child that comes first.
            string? complaint = outcome.Hung ? outcome.Complaint() : killed ? null : outcome.Complaint(ofProgram: ofChild);
            complaint ??= _containers.Recover(id, again: i % 2 == 0);
            if (complaint is not null)
                _report.Complain($"{name}, {call} {nth}", complaint);
            List<string> left = sandbox.Leftovers();
            if (left.Count > 0)
            {
                _report.Complain($"{name}, {call} {nth}", "left: " + string.Join("; ", left));
                sandbox.CleanUp();
            }
            _report.Count(killed || ofChild ? $"kills of '{name}'" : "not reached again");
        }
    }

    // strace counts each kind of call by itself, in each process: the first openat, the second openat, and so on.
    private List<(string Call, int Nth)> Record(string name, string id, Func<string, string[]> words, bool ofChild)
    {
        using (RunningCommand traced = runtime.StartTraced([.. ofChild ? s_withChildren : [], "-o", Trace], words(id)))
        {
            Outcome outcome = traced.Wait(Patience);
            if (!outcome.Succeeded)
                _report.Complain(name, $"failed undisturbed: {outcome.Complaint() ?? outcome.Text}");
        }
        if (_containers.Recover(id, again: false) is { } complaint)
            _report.Complain(name, complaint);
        List<(string, int)> points = [];
        Dictionary<(string Process, string Call), int> counts = [];
        string first = "";
        foreach (string line in File.ReadLines(Trace))
        {
            // "12345 openat(AT_FDCWD, …) = 3", without the number where children are not followed
            string text = ofChild ? line[(line.IndexOf(' ') + 1)..].TrimStart() : line;
            string process = ofChild ? line[..line.IndexOf(' ')] : "";
            first = first.Length == 0 ? process : first;
            int end = text.IndexOf('(');
            string call = end > 0 ? text[..end] : "";
            if (call.Length == 0 || !call.All(c => char.IsAsciiLetterOrDigit(c) || c == '_'))
                continue;
            int nth = counts[(process, call)] = counts.GetValueOrDefault((process, call)) + 1;
            if (!ofChild || process != first)
                points.Add((call, nth));
        }
        File.Delete(Trace);
        return points;
    }

    private static readonly string[] s_withChildren = ["-f"];
}

using System.Diagnostics;
using System.Globalization;
using Rundlet.Linux;
using Rundlet.Syscalls;

namespace Rundlet.Torture.Chaos;

/// <summary>
/// A few containers, and in each round one command about one of them, often with something killed while it is at work or with a full
/// disk. Then comes an ordinary command, and all that it tells must be so: see <see cref="EngineRoom.Contradictions"/>. Containers
/// that the round did not touch must be as they were.
/// <code>
///   command ──► strike (rundlet, supervisor, first process, all of them) ──► ps ──► what it tells = what is there
/// </code>
/// </summary>
internal sealed class ChaosCampaign(EngineRoom room, int seed)
{
    private const int Patience = 30_000;      // ms for a command
    private const int PolicyPatience = 15_000; // ms in which a container must be back

    private const string Image = "box";

    private static readonly string[] s_policies = ["no", "no", "no", "always", "on-failure", "unless-stopped"];

    private static readonly string[] s_names = ["n0", "n1", "n2"];

    private readonly Random _random = new(seed);
    private readonly Report _report = new("chaos", seed);
    private readonly Subject[] _subjects = [.. Enumerable.Range(0, 6).Select(i => new Subject($"c{i}"))];
    private readonly bool _clock = Environment.GetEnvironmentVariable("CHAOS_CLOCK") == "1";

    // Something is killed in each round, and all that is done has to do with networks.
    private readonly bool _networksAlone = Environment.GetEnvironmentVariable("CHAOS_NETWORKS") == "1";
    private HashSet<string> _networks = [];
    private string _where = "";

    /// <summary>Runs it.</summary>
    public int Run(int rounds)
    {
        room.ImportImage(Image);
        Must("run", "--rm", Image, "true");
        for (int round = 0; round < rounds && !_report.IsFull; round++)
        {
            try
            {
                Round(round);
            }
            catch (Exception failed) when (failed is InvalidOperationException or System.Text.Json.JsonException)
            {
                _report.Complain(_where, failed.Message);
            }
            _report.Progress(round, rounds);
        }
        room.Leave();
        List<Told> left = room.Tell();
        foreach (string contradiction in room.Contradictions(ref left))
            _report.Complain("the end", contradiction);
        foreach (Told container in left)
            _report.Complain("the end", $"{container.Name} is {container.State}, and cannot be removed");
        return _report.End();
    }

    private void Round(int round)
    {
        Subject subject = _subjects[_random.Next(_subjects.Length)];
        Strike strike = (Strike)Math.Max(0, _random.Next(_networksAlone ? 1 : -6, 6));
        bool full = !_networksAlone && _random.Next(20) == 0;
        (string kind, string[] words) = _random.Next(_networksAlone ? 2 : 4) == 0 ? ChooseNetwork(subject) : Choose(subject);
        _where = $"round {round}, {string.Join(' ', words)}, strike {strike}{(full ? ", full disk" : "")}, was {subject.State}";
        _report.Count(kind);
        long began = Stopwatch.GetTimestamp();
        if (_clock && _random.Next(10) == 0)
            ShiftClock();
        string before = subject.State;
        if (full)
            EngineRoom.Fill();
        Outcome outcome;
        using (RunningCommand command = room.Start(words))
        {
            if (strike != Strike.None)
                Hit(strike, command, subject);
            outcome = command.Wait(Patience);
        }
        if (full)
        {
            _ = room.Tell(); // ignored: it must answer, even now; what it says is looked at below
            EngineRoom.Free();
        }
        bool calm = strike == Strike.None && !full;
        foreach (Subject other in full || strike == Strike.AllSupervisors ? _subjects : [subject])
        {
            other.Disturbed |= !calm;
            other.LacksRoom |= full;
        }
        subject.Moves = !calm && kind is "stop" or "restart";
        Judge(outcome, kind, subject, before, calm);
        List<Told> told = room.Tell();
        foreach (string contradiction in room.Contradictions(ref told))
            _report.Complain(_where, contradiction);
        _report.Note(_where, $"{outcome.Status}; {string.Join(", ", told.Select(container => $"{container.Name} {container.State} {container.Pid}"))}", began);
        Compare(told, subject, kind, strike, full);
        _networks = [.. room.TellNetworks().Keys];
    }

    private (string Kind, string[] Words) ChooseNetwork(Subject subject)
    {
        string name = s_names[_random.Next(s_names.Length)];
        return (_networks.Contains(name), subject.Id is not null, _random.Next(_networksAlone ? 8 : 6)) switch
        {
            (_, true, 6) => ("update of ports", ["update", "--publish-add", $"127.0.0.1:{21_000 + _random.Next(4)}:81", subject.Name]),
            (_, true, 7) => ("update of rates", ["update", "--network-rate", $"{_random.Next(3)}mbit", subject.Name]),
            (false, _, _) => ("network create", ["network", "create", name]),
            (true, _, 0) => ("network rm", ["network", "rm", name]),
            (true, true, 1 or 2) => ("disconnect", ["network", "disconnect", "-f", _random.Next(3) == 0 ? "bridge" : name, subject.Name]),
            (true, true, _) => ("connect", ["network", "connect", _random.Next(6) == 0 ? "bridge" : name, subject.Name]),
            _ => ("network prune", ["network", "prune", "-f"]),
        };
    }

    // None, the default one, one of those that are there, or two.
    private string[] NetworkWords(Subject subject)
    {
        List<string> own = [.. _networks.Where(_ => _random.Next(2) == 0)];
        string[] words = _random.Next(4) == 0 ? ["--network", "none"]
            : own.Count > 0 ? [.. own.SelectMany(name => (string[])["--network", name])]
            : ["--network", "bridge"];
        return words[1] != "none" && (_networksAlone || _random.Next(2) == 0) ? [.. words, "-p", $"127.0.0.1:{20_000 + Array.IndexOf(_subjects, subject)}:80"] : words;
    }

    private (string Kind, string[] Words) Choose(Subject subject)
    {
        string name = subject.Name;
        if (subject.Id is null)
            return Create(subject);
        return _random.Next(_networksAlone ? 7 : 13) switch
        {
            0 or 1 => ("rm", ["rm", "-f", name]),
            2 => ("stop", ["stop", "-t", "0", name]),
            3 => ("kill", ["kill", name]),
            4 or 5 => ("start", ["start", name]),
            6 => ("restart", ["restart", "-t", "0", name]),
            7 => ("exec", ["exec", name, "sh", "-c", "exit 7"]),
            8 => ("logs", ["logs", name]),
            9 => ("pause", ["pause", name]),
            10 => ("unpause", ["unpause", name]),
            11 => ("commit", ["commit", name, $"made:{_random.Next(4)}"]),
            _ => ("inspect", ["inspect", name]),
        };
    }

    private (string Kind, string[] Words) Create(Subject subject)
    {
        if (!_networksAlone && _random.Next(8) == 0)
            return ("rmi", ["rmi", $"made:{_random.Next(4)}"]);
        subject.Disturbed = false;
        subject.LacksRoom = false;
        subject.Lines = _random.Next(3) == 0 ? _random.Next(1, 2000) : 0;
        subject.ExitCode = _random.Next(3) * 3;
        subject.Passing = _random.Next(4) == 0;
        subject.Policy = subject.Passing || subject.Lines > 0 ? "no" : s_policies[_random.Next(s_policies.Length)];
        List<string> words = ["run", "-d", "--name", subject.Name, .. NetworkWords(subject)];
        if (subject.Passing)
            words.Add("--rm");
        if (subject.Policy != "no")
            words.AddRange(["--restart", subject.Policy]);
        words.Add(Image);
        words.AddRange(subject.Lines > 0 ? ["sh", "-c", $"i=0; while [ $i -lt {subject.Lines} ]; do i=$((i+1)); echo line $i; done; exit {subject.ExitCode}"] : ["sleep", "1000000"]);
        return ("run", [.. words]);
    }

    private void Hit(Strike strike, RunningCommand command, Subject subject)
    {
        _ = Sys.poll([], _random.Next(45)); // ignored: any moment will do
        List<(int Pid, string Id)> supervisors = EngineRoom.Supervisors();
        List<(int Pid, string Id)> own = [.. supervisors.Where(pair => pair.Id == subject.Id || (subject.Id is null && !_subjects.Any(other => other.Id == pair.Id)))];
        if (strike is Strike.FirstProcess or Strike.Everything)
        {
            foreach ((int pid, _) in own)
                KillChildren(pid);
        }
        if (strike is Strike.Supervisor or Strike.Everything or Strike.AllSupervisors)
        {
            foreach ((int pid, _) in strike == Strike.AllSupervisors ? supervisors : own)
                _ = Sys.kill(pid, SIG.KILL); // ignored: it may have ended
        }
        if (strike is Strike.Command or Strike.Everything)
            command.Kill();
    }

    private static void KillChildren(int pid)
    {
        foreach (string child in (FileIo.TryReadText($"/proc/{pid}/task/{pid}/children") ?? "").Split(' ', StringSplitOptions.RemoveEmptyEntries))
            _ = Sys.kill(int.Parse(child, CultureInfo.InvariantCulture), SIG.KILL); // ignored: it may have ended
    }

    // What a command says and how it ends, where nobody disturbed it.
    private void Judge(Outcome outcome, string kind, Subject subject, string before, bool calm)
    {
        if (outcome.Hung)
            _report.Complain(_where, $"it hung: {outcome.Text}");
        if (outcome.Text.Contains("Unhandled", StringComparison.Ordinal) || outcome.Text.Contains("   at Rundlet", StringComparison.Ordinal))
            _report.Complain(_where, outcome.Text);
        if (!calm)
            return;
        bool lives = before is "running" or "paused" or "restarting";
        int? wanted = kind switch
        {
            "run" or "rm" or "inspect" or "logs" => 0,
            "exec" => before == "running" ? 7 : null,
            "stop" or "start" or "restart" => 0,
            "kill" => before is "running" ? 0 : null,
            "pause" => before == "running" ? 0 : 1,
            "unpause" => before == "paused" ? 0 : 1,
            "commit" or "network create" or "network prune" => 0,
            _ => null,
        };
        // A program that ends by itself may have ended at any moment since.
        bool moves = lives && (subject.Lines > 0 || before == "restarting");
        if (wanted is { } status && outcome.Status != status && !(moves && outcome.Status is 1 or 125))
            _report.Complain(_where, $"status {outcome.Status} in place of {status}: {outcome.Text}");
        if (kind == "logs" && subject.Lines > 0)
            JudgeLog(outcome.Text, subject);
    }

    private void JudgeLog(string text, Subject subject)
    {
        if (subject.LacksRoom)
            return;
        const string First = "line 1\n";
        ReadOnlySpan<char> left = text;
        int expected = 1;
        while (!left.IsEmpty)
        {
            string due = $"line {expected}\n";
            if (left.StartsWith(due, StringComparison.Ordinal))
            {
                left = left[due.Length..];
                expected++;
                continue;
            }
            // Started again, it counts from the beginning. What it wrote last, it may have been killed at, or nobody was there who read it; but
            // what is there begins with the first line, and no line is missing in between or there twice.
            if (subject.Disturbed && !left.StartsWith(First, StringComparison.Ordinal))
                left = left[left.CommonPrefixLength(due)..];
            if (left.IsEmpty)
                return;
            if (!left.StartsWith(First, StringComparison.Ordinal) || (!subject.Disturbed && expected != subject.Lines + 1))
            {
                _report.Complain(_where, $"'{left[..Math.Min(left.Length, 40)]}' in the log where '{due}' was due");
                return;
            }
            expected = 1;
        }
        if (subject.State == "exited" && !subject.Disturbed && expected != subject.Lines + 1)
            _report.Complain(_where, $"the log ends with line {expected - 1} of {subject.Lines}");
    }

    private void Compare(List<Told> told, Subject touched, string kind, Strike strike, bool full)
    {
        foreach (Subject subject in _subjects)
        {
            Told? now = told.Find(container => container.Name == subject.Name);
            if (subject != touched)
                CompareUntouched(subject, now, strike, full);
            else
                CompareTouched(subject, now, kind, strike, full);
            subject.Note(now);
        }
        if (told.Find(container => !_subjects.Any(subject => subject.Name == container.Name)) is { } unknown)
            _report.Complain(_where, $"a container that nobody made: {unknown.Name}");
    }

    private void CompareUntouched(Subject subject, Told? now, Strike strike, bool full)
    {
        if (subject.Moves)
        {
            subject.Moves = false; // by the next round it has come to rest
        }
        else if (subject.Sleeps && subject.State is "running" or "paused" && !full)
        {
            if (now?.Id != subject.Id || now?.State != subject.State || now?.Pid != subject.Pid)
                _report.Complain(_where, $"{subject.Name} was {subject.State} with process {subject.Pid} and is {now?.State ?? "gone"} with {now?.Pid}, strike {strike}");
        }
        else if (subject.Id is not null && subject.State is "created" or "exited" && (now?.Id != subject.Id || now?.State != subject.State))
        {
            _report.Complain(_where, $"{subject.Name} was {subject.State} and is {now?.State ?? "gone"}");
        }
    }

    private void CompareTouched(Subject subject, Told? now, string kind, Strike strike, bool full)
    {
        bool calm = strike == Strike.None && !full;
        string[]? states = kind switch
        {
            "run" when calm => subject.Lines > 0 ? subject.Passing ? ["running", ""] : ["running", "exited"] : ["running"],
            "rm" when calm => [""],
            "stop" or "kill" when calm => subject.Passing ? [""] : ["exited", "created"],
            "start" or "restart" when calm && subject.Lines == 0 => ["running", .. subject.State is "paused" or "restarting" && kind == "start" ? [subject.State] : Array.Empty<string>()],
            _ => null,
        };
        if (states is not null && !states.Contains(now?.State ?? ""))
            _report.Complain(_where, $"{subject.Name} is {now?.State ?? "gone"}");
        // Only its supervisor was killed, and the command did nothing to it: the container goes on.
        if (strike == Strike.Supervisor && kind is "inspect" or "logs" or "exec" && !full && subject.Sleeps && subject.State == "running"
            && (now?.State != "running" || now.Pid != subject.Pid))
            _report.Complain(_where, $"{subject.Name} ran with process {subject.Pid} and is {now?.State ?? "gone"} with {now?.Pid}");
        if (now is { State: "exited" } && !subject.Disturbed && subject.Lines > 0 && kind is "run" or "inspect" or "logs" && now.ExitCode != subject.ExitCode)
            _report.Complain(_where, $"{subject.Name} ended with {now.ExitCode} in place of {subject.ExitCode}");
        if (strike == Strike.FirstProcess && kind is "inspect" or "logs" && !full && subject.Sleeps && subject.State == "running" && now is not null)
            AwaitPolicy(subject, now);
    }

    // The first process was killed (unless the strike came too late or too early for it): what does the policy say?
    private void AwaitPolicy(Subject subject, Told now)
    {
        for (int waited = 0; waited < PolicyPatience; waited += 50)
        {
            bool same = now.State == "running" && now.Pid == subject.Pid;
            if (same || (subject.Policy == "no" ? now.State == "exited" : now.State == "running"))
            {
                if (!same && subject.Policy == "no" && now.ExitCode != 137)
                    _report.Complain(_where, $"{subject.Name} was killed and ended with {now.ExitCode}");
                return;
            }
            _ = Sys.poll([], 50); // ignored: a shorter pause does no harm
            now = room.Tell().Find(container => container.Name == subject.Name) ?? now;
        }
        _report.Complain(_where, $"{subject.Name} with policy {subject.Policy} is {now.State}");
    }

    // Only where somebody says by CHAOS_CLOCK=1 that the machine is ours: the clock belongs to everybody.
    private void ShiftClock()
    {
        long moment = DateTimeOffset.UtcNow.ToUnixTimeSeconds() + _random.Next(-4000, 4000);
        _ = room.RunTool("/bin/date", "-s", $"@{moment}"); // ignored: without the right to, the clock stays
    }

    private void Must(params string[] words)
    {
        Outcome outcome = room.Run(words);
        if (!outcome.Succeeded)
            throw new InvalidOperationException($"{string.Join(' ', words)}: status {outcome.Status}: {outcome.Text}");
    }
}

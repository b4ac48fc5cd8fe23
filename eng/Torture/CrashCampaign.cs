using System.Diagnostics;
using Rundlet.Linux.Proc;
using Rundlet.Syscalls;

namespace Rundlet.Torture;

/// <summary>
/// Containers come and go, and in each cycle something is killed at a random moment: the runtime in one of its commands, or the
/// container's first process. Then comes what an engine does. Every command is bounded, and nothing may be left of any cycle.
/// </summary>
internal sealed class CrashCampaign(Sandbox sandbox, RuntimeCommands runtime, int seed)
{
    private static readonly string[] s_specs = ["working", "working", "user", "hooks", "features"];

    private readonly Random _random = new(seed);
    private readonly Report _report = new("crash", seed);
    private readonly Containers _containers = new(sandbox, runtime);
    private readonly List<string> _usable = [];

    /// <summary>Runs it.</summary>
    public int Run(int cycles)
    {
        foreach (string name in s_specs)
        {
            string id = _containers.Next(sleeps: false, name);
            Outcome run = runtime.Run("run", "--bundle", Sandbox.Bundle, id);
            if (run.Succeeded)
                _usable.Add(name);
            else
                Console.WriteLine($"crash: the runtime does not run '{name}', which is left out: {run.Text.Trim()}");
        }
        if (_usable.Count == 0)
            throw new InvalidOperationException("the runtime runs none of the specs");
        for (int i = 0; i < cycles; i++)
        {
            string? complaint = Cycle(out string what);
            _report.Count(what);
            if (complaint is not null)
                _report.Complain($"cycle {i}, {what}", complaint);
            List<string> left = sandbox.Leftovers();
            if (left.Count > 0)
            {
                _report.Complain($"cycle {i}, {what}", "left: " + string.Join("; ", left));
                sandbox.CleanUp();
            }
            _report.Progress(i, cycles);
        }
        return _report.End();
    }

    private string? Cycle(out string what)
    {
        string spec = Garbage.Pick(_random, _usable);
        switch (_random.Next(10))
        {
            case 0 or 1:
                what = "create killed";
                return Interrupted(_containers.Next(sleeps: true, spec), 25, "create", "--bundle", Sandbox.Bundle);
            case 2:
                what = "run killed";
                return Interrupted(_containers.Next(sleeps: _random.Next(2) == 0, spec), 35, "run", "--bundle", Sandbox.Bundle);
            case 3:
                what = "detached run killed";
                return Interrupted(_containers.Next(sleeps: true, spec), 30, "run", "--detach", "--bundle", Sandbox.Bundle);
            case 4:
                what = "first process killed during create";
                return ChildKilled(_containers.Next(sleeps: true, spec));
            case 5:
                what = "start killed";
                return StartKilled(spec);
            case 6:
                what = "exec killed";
                return ExecKilled(spec);
            case 7:
                what = "delete killed";
                return Interrupted(_containers.Make(started: _random.Next(2) == 0, spec), 15, "delete", "--force");
            case 8:
                what = "first process killed";
                return FirstProcessKilled(spec);
            default:
                string command = Garbage.Pick(_random, [.. new[] { "kill", "pause", "resume", "ps", "state", "update" }.Where(_containers.Commands.Contains)]);
                what = $"{command} killed";
                return CommandKilled(command, spec);
        }
    }

    // The command's last word is the id.
    private string? Interrupted(string id, int milliseconds, params string[] words)
    {
        using (RunningCommand command = runtime.Start([.. words, id]))
        {
            Spin(milliseconds);
            command.Kill();
            if (command.Wait(1000) is { Hung: true })
                return "does not die";
        }
        return _containers.Recover(id, again: _random.Next(2) == 0);
    }

    private string? ChildKilled(string id)
    {
        Outcome create;
        using (RunningCommand command = runtime.Start("create", "--bundle", Sandbox.Bundle, id))
        {
            Spin(20);
            command.KillChildren();
            create = command.Wait(15_000);
        }
        return create.Complaint() is { } wrong ? "create: " + wrong : _containers.Recover(id, again: _random.Next(2) == 0);
    }

    private string? StartKilled(string spec)
    {
        string id = _containers.Make(started: false, spec);
        using (RunningCommand start = runtime.Start("start", id))
        {
            Spin(12);
            start.Kill();
            start.Wait(1000);
        }
        if (_containers.State(id) is not { } state)
            return "has no state after a killed start";
        if (state.Status is not ("created" or "running"))
            return $"is {state.Status} after a killed start";
        Outcome again = runtime.Run("start", id);
        if (again.Complaint() is { } wrong)
            return $"start again: {wrong}";
        if (!again.Succeeded && !again.Text.Contains("already running", StringComparison.Ordinal))
            return $"start again when {state.Status}: {again.Text}";
        return _containers.State(id) is { Status: "running" } ? _containers.Recover(id, again: false) : "does not run after start";
    }

    private string? ExecKilled(string spec)
    {
        string id = _containers.Make(started: true, spec);
        string[] words = _random.Next(2) == 0 ? ["exec", "--detach", id, "/bin/sleep", "1000"] : ["exec", id, "/bin/sleep", "1000"];
        for (int i = 0; i < 3; i++)
        {
            using RunningCommand exec = runtime.Start(words);
            Spin(12);
            exec.Kill();
            exec.Wait(1000);
        }
        if (_containers.State(id) is not { Status: "running" })
            return "does not run after a killed exec";
        Outcome next = runtime.Run("exec", id, "/bin/true");
        return next.Succeeded ? _containers.Recover(id, again: false) : $"exec after a killed exec: {next.Complaint() ?? next.Text}";
    }

    private string? FirstProcessKilled(string spec)
    {
        string id = _containers.Make(started: _random.Next(2) == 0, spec);
        if (_containers.State(id) is not { } state)
            return "has no state";
        using (RunningCommand other = runtime.Start(Garbage.Pick<string[]>(_random, [["start", id], ["exec", id, "/bin/true"], ["state", id], ["kill", id, "TERM"]])))
        {
            Spin(10);
            _ = Sys.kill(state.Pid, SIG.KILL); // ignored: it is there; a failure shows below
            Outcome outcome = other.Wait(15_000);
            if (outcome.Complaint(ofProgram: true) is { } wrong)
                return wrong;
        }
        while (ProcStat.TryRead(state.Pid) is { IsAlive: true })
            _ = Sys.poll([], 1); // ignored: a shorter pause does no harm
        if (_containers.State(id) is not { Status: "stopped" } and var found)
            return $"is {found?.Status ?? "gone"} after its first process was killed";
        Outcome deleted = runtime.Run("delete", id);
        return deleted.Succeeded ? _containers.Recover(id, again: false) : $"delete: {deleted.Complaint() ?? deleted.Text}";
    }

    private string? CommandKilled(string command, string spec)
    {
        string id = _containers.Make(started: true, spec);
        if (command == "resume")
            _containers.Must("pause", id);
        string[] words = command switch
        {
            "kill" => [command, id, "KILL"],
            "update" => [command, "--pids-limit", "50", id],
            _ => [command, id],
        };
        using (RunningCommand running = runtime.Start(words))
        {
            Spin(10);
            running.Kill();
            running.Wait(1000);
        }
        return _containers.State(id) is null ? $"has no state after a killed {command}" : _containers.Recover(id, again: false);
    }

    // A random moment is what it is about; nothing is waited for.
    private void Spin(int milliseconds)
    {
        TimeSpan moment = TimeSpan.FromMilliseconds(milliseconds * _random.NextDouble());
        long began = Stopwatch.GetTimestamp();
        while (Stopwatch.GetElapsedTime(began) < moment)
            Thread.Yield();
    }
}

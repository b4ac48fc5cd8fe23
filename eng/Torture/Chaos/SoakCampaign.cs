using System.Diagnostics;
using System.Globalization;
using Rundlet.Linux;
using Rundlet.Linux.Proc;

namespace Rundlet.Torture.Chaos;

/// <summary>
/// Containers come and go for a while beside a few that stay, and nothing grows: processes, descriptors and memory of the supervisors
/// that stay, mounts, cgroups, files and state.
/// </summary>
internal sealed class SoakCampaign(EngineRoom room)
{
    private const string Image = "box";
    private const int WarmUpCycles = 50;
    private const int MaxNamed = 40; // of what is new where something has grown
    private const double Growth = 1.1; // of memory and of the state file, whose free pages are used again

    private static readonly string[][] s_residents =
    [
        ["sleep", "1000000"],
        ["sh", "-c", "while :; do echo a line that is written all the time; done"],
        ["sh", "-c", "while :; do echo now and then; sleep 1; done"],
    ];

    // In the order in which they are told: numbers, and behind each what it was counted from, by name.
    private sealed record Sight(Dictionary<string, long> Numbers, Dictionary<string, List<string>> Names);

    private readonly Report _report = new("soak", 0);
    private readonly List<string> _names = [];
    private int _cycle;

    /// <summary>Runs it.</summary>
    /// <param name="minutes">How long, after the warm-up.</param>
    public int Run(int minutes)
    {
        room.ImportImage(Image);
        foreach (string[] program in s_residents)
        {
            string name = $"resident{_names.Count}";
            _names.Add(name);
            Must(["run", "-d", "--name", name, "--cgroup-parent", room.CgroupParent, "--log-opt", "max-size=1m", "--log-opt", "max-file=2", Image, .. program]);
        }
        for (int i = 0; i < WarmUpCycles; i++)
            Cycle();
        Sight before = Measure();
        long began = Stopwatch.GetTimestamp();
        for (int quarter = 1; Stopwatch.GetElapsedTime(began).TotalMinutes < minutes;)
        {
            Cycle();
            if (Stopwatch.GetElapsedTime(began).TotalMinutes < quarter * minutes / 4.0)
                continue;
            Console.WriteLine($"soak: {_cycle} cycles; {Written(Measure())}");
            quarter++;
        }
        Sight after = Measure();
        Console.WriteLine($"soak: before  {Written(before)}");
        Console.WriteLine($"soak: after   {Written(after)}");
        foreach ((string what, long value) in after.Numbers)
        {
            long first = before.Numbers[what];
            bool isMeasure = what.Contains("KiB", StringComparison.Ordinal);
            if (isMeasure ? value <= first * Growth + 64 : value <= first)
                continue;
            string[] added = [.. after.Names[what].Except(before.Names[what]).Order(StringComparer.Ordinal)];
            string rest = added.Length > MaxNamed ? $", and {added.Length - MaxNamed} more" : "";
            _report.Complain("growth", $"{what}: {first} before, {value} after {_cycle} cycles; new: {string.Join(", ", added.Take(MaxNamed))}{rest}");
        }
        if (after.Numbers["supervisors"] != _names.Count)
            _report.Complain("the end", $"{after.Numbers["supervisors"]} supervisors of {_names.Count} containers");
        List<Told> told = room.Tell();
        foreach (string contradiction in room.Contradictions(ref told))
            _report.Complain("the end", contradiction);
        room.Leave();
        return _report.End();
    }

    private void Cycle()
    {
        string name = $"passing{_cycle++}";
        _report.Count("cycles");
        Must("run", "--rm", "--cgroup-parent", room.CgroupParent, Image, "true");
        Must("run", "-d", "--name", name, "--cgroup-parent", room.CgroupParent, "-p", "127.0.0.1:20000:80", Image, "sleep", "1000000");
        Must("exec", name, "true");
        Must("exec", _names[0], "sh", "-c", "echo hello");
        Must("stop", "-t", "0", name);
        Must("start", name);
        Must("logs", name);
        Must("rm", "-f", name);
    }

    private Sight Measure()
    {
        List<string> supervisors = [], descriptors = [], sizes = [];
        long memory = 0;
        foreach ((int pid, string id) in EngineRoom.Supervisors())
        {
            supervisors.Add($"{pid} of {id[..12]}");
            descriptors.AddRange(Directory.GetFileSystemEntries($"/proc/{pid}/fd").Select(path => $"{path} to {new FileInfo(path).LinkTarget}"));
            string line = File.ReadLines($"/proc/{pid}/smaps_rollup").First(text => text.StartsWith("Pss:", StringComparison.Ordinal));
            long own = long.Parse(line.Split(' ', StringSplitOptions.RemoveEmptyEntries)[1], CultureInfo.InvariantCulture);
            memory += own;
            sizes.Add($"{own} of {pid}");
        }
        Dictionary<string, long> state = EngineRoom.StateSizes();
        Dictionary<string, List<string>> names = new()
        {
            ["supervisors"] = supervisors,
            ["descriptors"] = descriptors,
            ["KiB of supervisors"] = sizes,
            ["mounts"] = [.. MountInfo.Read().Select(mount => mount.Point)],
            ["cgroups"] = [.. room.CgroupsOfOurs()],
            ["files"] = [.. EngineRoom.Files()],
            ["KiB of state"] = [.. state.Select(pair => $"{pair.Value / 1024} of {pair.Key}")],
        };
        Dictionary<string, long> numbers = names.ToDictionary(pair => pair.Key, pair => (long)pair.Value.Count);
        numbers["KiB of supervisors"] = memory;
        numbers["KiB of state"] = state.Values.Sum() / 1024;
        return new Sight(numbers, names);
    }

    private static string Written(Sight sight) => string.Join(", ", sight.Numbers.Select(pair => $"{pair.Key} {pair.Value}"));

    private void Must(params string[] words)
    {
        Outcome outcome = room.Run(words);
        if (!outcome.Succeeded)
            _report.Complain($"cycle {_cycle}, {string.Join(' ', words)}", $"status {outcome.Status}: {outcome.Text}");
    }
}

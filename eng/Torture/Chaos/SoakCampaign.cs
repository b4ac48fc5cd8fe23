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
    private const double Growth = 1.1; // of memory and of the state file, whose free pages are used again

    private static readonly string[][] s_residents =
    [
        ["sleep", "1000000"],
        ["sh", "-c", "while :; do echo a line that is written all the time; done"],
        ["sh", "-c", "while :; do echo now and then; sleep 1; done"],
    ];

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
            Must(["run", "-d", "--name", name, "--log-opt", "max-size=1m", "--log-opt", "max-file=2", Image, .. program]);
        }
        for (int i = 0; i < WarmUpCycles; i++)
            Cycle();
        Dictionary<string, long> before = Measure();
        long began = Stopwatch.GetTimestamp();
        for (int quarter = 1; Stopwatch.GetElapsedTime(began).TotalMinutes < minutes;)
        {
            Cycle();
            if (Stopwatch.GetElapsedTime(began).TotalMinutes < quarter * minutes / 4.0)
                continue;
            Console.WriteLine($"soak: {_cycle} cycles; {Written(Measure())}");
            quarter++;
        }
        Dictionary<string, long> after = Measure();
        Console.WriteLine($"soak: before  {Written(before)}");
        Console.WriteLine($"soak: after   {Written(after)}");
        foreach ((string what, long value) in after)
        {
            bool isMeasure = what.Contains("KiB", StringComparison.Ordinal);
            if (isMeasure ? value > before[what] * Growth + 64 : value > before[what])
                _report.Complain("growth", $"{what}: {before[what]} before, {value} after {_cycle} cycles");
        }
        if (after["supervisors"] != _names.Count)
            _report.Complain("the end", $"{after["supervisors"]} supervisors of {_names.Count} containers");
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
        Must("run", "--rm", Image, "true");
        Must("run", "-d", "--name", name, "-p", "127.0.0.1:20000:80", Image, "sleep", "1000000");
        Must("exec", name, "true");
        Must("exec", _names[0], "sh", "-c", "echo hello");
        Must("stop", "-t", "0", name);
        Must("start", name);
        Must("logs", name);
        Must("rm", "-f", name);
    }

    private static Dictionary<string, long> Measure()
    {
        long processes = 0, descriptors = 0, memory = 0;
        foreach ((int pid, _) in EngineRoom.Supervisors())
        {
            processes++;
            descriptors += Directory.GetFileSystemEntries($"/proc/{pid}/fd").Length;
            string line = File.ReadLines($"/proc/{pid}/smaps_rollup").First(text => text.StartsWith("Pss:", StringComparison.Ordinal));
            memory += long.Parse(line.Split(' ', StringSplitOptions.RemoveEmptyEntries)[1], CultureInfo.InvariantCulture);
        }
        return new Dictionary<string, long>
        {
            ["supervisors"] = processes,
            ["descriptors"] = descriptors,
            ["KiB of supervisors"] = memory,
            ["mounts"] = MountInfo.Read().Count(),
            ["cgroups"] = EngineRoom.CgroupCount(),
            ["files"] = EngineRoom.FileCount(),
            ["KiB of state"] = EngineRoom.StateSize() / 1024,
        };
    }

    private static string Written(Dictionary<string, long> values) => string.Join(", ", values.Select(pair => $"{pair.Key} {pair.Value}"));

    private void Must(params string[] words)
    {
        Outcome outcome = room.Run(words);
        if (!outcome.Succeeded)
            _report.Complain($"cycle {_cycle}, {string.Join(' ', words)}", $"status {outcome.Status}: {outcome.Text}");
    }
}

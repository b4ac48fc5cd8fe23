using System.Globalization;
using Rundlet.Linux;

namespace Rundlet.Engine.Processes;

/// <summary>The columns that ps(1) has, by its names for them; those of them that the host's /proc answers for any process.</summary>
internal sealed class ProcessColumns
{
    private const int TicksPerSecond = 100; // USER_HZ, in which procfs counts, is 100 everywhere
    private const long PageSize = 4096;

    private readonly DateTimeOffset _now = DateTimeOffset.Now;
    private readonly double _uptime = UptimeOf();
    private readonly long _memory = Operations.EngineInfo.MemoryOfMachine();
    private readonly Dictionary<string, string> _users = NamesIn("/etc/passwd"), _groups = NamesIn("/etc/group");
    private readonly Dictionary<string, ProcessColumn> _columns = [];

    public ProcessColumns()
    {
        Add("PID", row => $"{row.Pid}", "pid", "tgid");
        Add("PPID", row => $"{row.Stat(4)}", "ppid");
        Add("PGID", row => $"{row.Stat(5)}", "pgid", "pgrp");
        Add("SID", row => $"{row.Stat(6)}", "sid", "sess", "session");
        Add("UID", row => User(row, 1), "f.uid"); // the first column of ps -f has names
        Add("USER", row => User(row, 1), "user", "uname", "euser");
        Add("RUSER", row => User(row, 0), "ruser");
        Add("UID", row => Number(row, "Uid", 1), "uid", "euid");
        Add("RUID", row => Number(row, "Uid", 0), "ruid");
        Add("GID", row => Number(row, "Gid", 1), "gid", "egid");
        Add("GROUP", row => Name(_groups, Number(row, "Gid", 1)), "group", "egroup");
        Add("COMMAND", row => row.Name, "comm", "ucmd", "ucomm");
        Add("CMD", row => row.Command, "cmd");
        Add("COMMAND", row => row.Command, "args", "command");
        Add("S", row => row.State, "s", "state");
        Add("STAT", StatOf, "stat");
        Add("C", row => $"{(int)CpuOf(row)}", "c");
        Add("%CPU", row => Percent(CpuOf(row)), "pcpu", "%cpu");
        Add("%MEM", row => Percent(_memory == 0 ? 0 : 100.0 * row.Stat(24) * PageSize / _memory), "pmem", "%mem");
        Add("VSZ", row => $"{row.Stat(23) >> 10}", "vsz", "vsize");
        Add("RSS", row => $"{row.Stat(24) * PageSize >> 10}", "rss", "rssize", "rsz");
        Add("SZ", row => $"{row.Stat(23) / PageSize}", "sz");
        Add("TTY", TerminalOf, "tty", "tt", "tname");
        Add("STIME", row => StartOf(row, "HH:mm", "MMMdd"), "stime");
        Add("START", row => StartOf(row, "HH:mm", "MMMdd"), "start", "start_time", "bsdstart");
        Add("STARTED", row => BegunAt(row).ToString("ddd MMM dd HH:mm:ss yyyy", CultureInfo.InvariantCulture), "lstart");
        Add("TIME", row => Clock(CpuTimeOf(row)), "time", "cputime");
        Add("TIME", row => $"{CpuTimeOf(row) / 60}:{CpuTimeOf(row) % 60:00}", "bsdtime");
        Add("ELAPSED", row => Elapsed(SecondsSince(row)), "etime");
        Add("ELAPSED", row => $"{SecondsSince(row)}", "etimes");
        Add("NI", row => $"{row.Stat(19)}", "ni", "nice");
        Add("PRI", row => $"{39 - row.Stat(18) - 20}", "pri");
        Add("PSR", row => $"{row.Stat(39)}", "psr");
        Add("NLWP", row => $"{row.Stat(20)}", "nlwp", "thcount");
        Add("MINFLT", row => $"{row.Stat(10)}", "minflt", "min_flt");
        Add("MAJFLT", row => $"{row.Stat(12)}", "majflt", "maj_flt");
        Add("NSPID", row => row.Status("NSpid") is [.., var inside] ? inside : "-", "nspid");
    }

    /// <summary>The names of all columns.</summary>
    public IEnumerable<string> Names => _columns.Keys.Where(name => !name.Contains('.'));

    /// <summary>A column; null where there is none of that name.</summary>
    public ProcessColumn? TryGet(string name) => _columns.GetValueOrDefault(name);

    private void Add(string heading, Func<ProcessRow, string> value, params ReadOnlySpan<string> names)
    {
        foreach (string name in names)
            _columns[name] = new ProcessColumn(heading, value);
    }

    private string User(ProcessRow row, int which) => Name(_users, Number(row, "Uid", which));

    private static string Number(ProcessRow row, string member, int which) => row.Status(member) is { Length: > 1 } numbers ? numbers[which] : "?";

    private static string Name(Dictionary<string, string> names, string id) => names.GetValueOrDefault(id, id);

    private static string Percent(double value) => value.ToString("0.0", CultureInfo.InvariantCulture);

    private double CpuOf(ProcessRow row) => SecondsSince(row) is > 0 and var seconds ? 100.0 * (row.Stat(14) + row.Stat(15)) / TicksPerSecond / seconds : 0;

    private static long CpuTimeOf(ProcessRow row) => (row.Stat(14) + row.Stat(15)) / TicksPerSecond;

    private long SecondsSince(ProcessRow row) => Math.Max(0, (long)(_uptime - (double)row.Stat(22) / TicksPerSecond));

    private DateTimeOffset BegunAt(ProcessRow row) => _now.AddSeconds(-SecondsSince(row));

    private string StartOf(ProcessRow row, string today, string earlier)
    {
        DateTimeOffset begun = BegunAt(row);
        return begun.ToString(begun.Date == _now.Date ? today : begun.Year == _now.Year ? earlier : "yyyy", CultureInfo.InvariantCulture);
    }

    private static string Clock(long seconds)
    {
        (long days, long rest) = Math.DivRem(seconds, 86_400);
        string time = $"{rest / 3600:00}:{rest / 60 % 60:00}:{rest % 60:00}";
        return days > 0 ? $"{days}-{time}" : time;
    }

    private static string Elapsed(long seconds) => seconds < 3600 ? $"{seconds / 60:00}:{seconds % 60:00}" : Clock(seconds);

    // As ps(1) has them: < and N for other than usual priorities, L for locked pages, s for the leader of a session, l for threads, + for the foreground.
    private static string StatOf(ProcessRow row)
    {
        string flags = row.Stat(19) < 0 ? "<" : row.Stat(19) > 0 ? "N" : "";
        flags += row.Status("VmLck") is [not "0", ..] ? "L" : "";
        flags += row.Stat(6) == row.Pid ? "s" : "";
        flags += row.Stat(20) > 1 ? "l" : "";
        return row.State + flags + (row.Stat(8) > 0 && row.Stat(8) == row.Stat(5) ? "+" : "");
    }

    private static string TerminalOf(ProcessRow row)
    {
        const int FirstPtsMajor = 136, LastPtsMajor = 143, TtyMajor = 4;
        long device = row.Stat(7), major = device >> 8 & 0xfff, minor = (device & 0xff) | (device >> 12 & 0xfff00);
        return device == 0 ? "?"
            : major is >= FirstPtsMajor and <= LastPtsMajor ? $"pts/{((major - FirstPtsMajor) << 8) + minor}"
            : major == TtyMajor ? $"tty{minor}"
            : $"{major}:{minor}";
    }

    private static double UptimeOf() =>
        double.TryParse((FileIo.TryReadText("/proc/uptime") ?? "").Split(' ')[0], NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out double seconds) ? seconds : 0;

    // "name:x:number:…"; the first name of a number counts.
    private static Dictionary<string, string> NamesIn(string path)
    {
        Dictionary<string, string> names = [];
        foreach (string line in (FileIo.TryReadText(path) ?? "").Split('\n'))
        {
            if (line.Split(':') is [var name, _, var number, ..])
                names.TryAdd(number, name);
        }
        return names;
    }
}

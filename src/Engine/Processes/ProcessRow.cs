using System.Buffers;
using System.Globalization;
using System.Text;
using Rundlet.Linux;
using Rundlet.Syscalls;

namespace Rundlet.Engine.Processes;

/// <summary>What the host's /proc says of a process. Its name and arguments are its own choice, and are only ever shown.</summary>
public sealed class ProcessRow
{
    private const int MostBytes = 4096;

    private readonly string[] _stat;
    private readonly Dictionary<string, string> _status;

    private ProcessRow(int pid, string name, string[] stat, Dictionary<string, string> status, string? arguments)
    {
        Pid = pid;
        Name = name;
        _stat = stat;
        _status = status;
        Command = arguments ?? $"[{name}]";
    }

    /// <summary>Its pid on the host.</summary>
    public int Pid { get; }

    /// <summary>Its name, escaped.</summary>
    public string Name { get; }

    /// <summary>Its arguments, escaped; its name in brackets where it has none.</summary>
    public string Command { get; }

    /// <summary>One letter.</summary>
    public string State => _stat[0];

    /// <summary>Reads it; null when it is gone.</summary>
    public static ProcessRow? TryRead(int pid)
    {
        if (TryBytes($"/proc/{pid}/stat") is not { } stat || TryBytes($"/proc/{pid}/status") is not { } status)
            return null;
        // "12 (name) S 1 …": the name may hold parentheses and blanks, it ends at the last one.
        int open = stat.AsSpan().IndexOf((byte)'('), close = stat.AsSpan().LastIndexOf((byte)')');
        if (open < 0 || close < open || close + 2 > stat.Length)
            return null;
        string[] fields = Encoding.ASCII.GetString(stat.AsSpan(close + 2)).Split(' ', StringSplitOptions.TrimEntries);
        const int LeastFields = 37;
        return fields.Length < LeastFields ? null : new ProcessRow(pid, Escaped(stat.AsSpan(open + 1, close - open - 1)), fields, Members(status), Arguments(pid));
    }

    /// <summary>A field of /proc/PID/stat by its number in proc_pid_stat(5), 3 and up.</summary>
    public long Stat(int number) => long.TryParse(_stat[number - 3], NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out long value) ? value : 0;

    /// <summary>A member of /proc/PID/status, such as <c>Uid</c>; its numbers.</summary>
    public string[] Status(string name) => _status.TryGetValue(name, out string? value) ? value.Split(['\t', ' '], StringSplitOptions.RemoveEmptyEntries) : [];

    /// <summary>Text from a process, with each control character and each byte that is not UTF-8 as <c>\xHH</c>.</summary>
    public static string Escaped(ReadOnlySpan<byte> text)
    {
        StringBuilder shown = new();
        while (!text.IsEmpty)
        {
            bool isText = Rune.DecodeFromUtf8(text, out Rune rune, out int length) == OperationStatus.Done && !Rune.IsControl(rune);
            if (isText)
                shown.Append(rune.ToString());
            for (int i = 0; !isText && i < length; i++)
                shown.Append(CultureInfo.InvariantCulture, $"\\x{text[i]:x2}");
            text = text[length..];
        }
        return shown.ToString();
    }

    private static string? Arguments(int pid)
    {
        if (TryBytes($"/proc/{pid}/cmdline") is not { Length: > 0 } bytes)
            return null;
        return string.Join(' ', Pieces(bytes.AsSpan().TrimEnd((byte)0).ToArray()));
    }

    private static IEnumerable<string> Pieces(byte[] bytes)
    {
        int start = 0;
        while (start <= bytes.Length)
        {
            int end = Array.IndexOf(bytes, (byte)0, start);
            end = end < 0 ? bytes.Length : end;
            yield return Escaped(bytes.AsSpan(start, end - start));
            start = end + 1;
        }
    }

    private static Dictionary<string, string> Members(byte[] status)
    {
        Dictionary<string, string> members = [];
        foreach (string line in Encoding.ASCII.GetString(status).Split('\n'))
        {
            int colon = line.IndexOf(':');
            if (colon > 0)
                members[line[..colon]] = line[(colon + 1)..].Trim();
        }
        return members;
    }

    // At most so much: the arguments of a process may be megabytes. Null where the process is gone.
    private static byte[]? TryBytes(string path)
    {
        int answer = Sys.openat(Sys.AT_FDCWD, path, O.RDONLY);
        if (answer < 0)
            return null;
        using OwnedFd file = new(answer);
        byte[] bytes = new byte[MostBytes];
        nint got = Sys.read(answer, bytes);
        return got < 0 ? null : bytes[..(int)got];
    }
}

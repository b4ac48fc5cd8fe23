using System.Runtime.InteropServices;

namespace Rundlet.Syscalls;

/// <summary>
/// What reading the journal takes of libsystemd; see sd-journal(3). The library is loaded with the first call:
/// <see cref="DllNotFoundException"/> says that the machine has none. Answers are of the class of <see cref="Sys"/>.
/// </summary>
public static unsafe class Journal
{
    /// <summary><c>SD_JOURNAL_LOCAL_ONLY</c>: journals of this machine.</summary>
    public const int LocalOnly = 1;

    private const string Library = "libsystemd.so.0";

    /// <summary>sd_journal_open(3).</summary>
    public static int Open(out nint journal, int flags)
    {
        nint opened = 0;
        int answer = sd_journal_open(&opened, flags);
        journal = opened;
        return answer;
    }

    /// <summary>sd_journal_close(3).</summary>
    public static void Close(nint journal) => sd_journal_close(journal);

    /// <summary>sd_journal_add_match(3): <c>FIELD=value</c>.</summary>
    public static int AddMatch(nint journal, ReadOnlySpan<byte> match)
    {
        fixed (byte* m = match)
            return sd_journal_add_match(journal, m, (nuint)match.Length);
    }

    /// <summary>sd_journal_seek_tail(3).</summary>
    public static int SeekTail(nint journal) => sd_journal_seek_tail(journal);

    /// <summary>sd_journal_seek_head(3).</summary>
    public static int SeekHead(nint journal) => sd_journal_seek_head(journal);

    /// <summary>sd_journal_seek_realtime_usec(3).</summary>
    public static int SeekTime(nint journal, ulong microseconds) => sd_journal_seek_realtime_usec(journal, microseconds);

    /// <summary>sd_journal_next(3): 1, or 0 at the end.</summary>
    public static int Next(nint journal) => sd_journal_next(journal);

    /// <summary>sd_journal_previous_skip(3): how many entries it went back.</summary>
    public static int Back(nint journal, ulong entries) => sd_journal_previous_skip(journal, entries);

    /// <summary>sd_journal_get_realtime_usec(3).</summary>
    public static int Time(nint journal, out ulong microseconds)
    {
        ulong time = 0;
        int answer = sd_journal_get_realtime_usec(journal, &time);
        microseconds = time;
        return answer;
    }

    /// <summary>sd_journal_restart_data(3).</summary>
    public static void RestartData(nint journal) => sd_journal_restart_data(journal);

    /// <summary>sd_journal_enumerate_data(3): the next <c>FIELD=value</c> of the entry, valid until the next call; 0 behind the last.</summary>
    public static int NextData(nint journal, out ReadOnlySpan<byte> data)
    {
        byte* start = null;
        nuint length = 0;
        int answer = sd_journal_enumerate_data(journal, &start, &length);
        data = answer > 0 ? new ReadOnlySpan<byte>(start, (int)Math.Min(length, int.MaxValue)) : default;
        return answer;
    }

    /// <summary>sd_journal_get_fd(3): readable when the journal may have changed.</summary>
    public static int Fd(nint journal) => sd_journal_get_fd(journal);

    /// <summary>sd_journal_process(3): takes note of changes.</summary>
    public static int Process(nint journal) => sd_journal_process(journal);

    [DllImport(Library)]
    private static extern int sd_journal_open(nint* journal, int flags);

    [DllImport(Library)]
    private static extern void sd_journal_close(nint journal);

    [DllImport(Library)]
    private static extern int sd_journal_add_match(nint journal, byte* data, nuint size);

    [DllImport(Library)]
    private static extern int sd_journal_seek_tail(nint journal);

    [DllImport(Library)]
    private static extern int sd_journal_seek_head(nint journal);

    [DllImport(Library)]
    private static extern int sd_journal_seek_realtime_usec(nint journal, ulong microseconds);

    [DllImport(Library)]
    private static extern int sd_journal_next(nint journal);

    [DllImport(Library)]
    private static extern int sd_journal_previous_skip(nint journal, ulong skip);

    [DllImport(Library)]
    private static extern int sd_journal_get_realtime_usec(nint journal, ulong* microseconds);

    [DllImport(Library)]
    private static extern void sd_journal_restart_data(nint journal);

    [DllImport(Library)]
    private static extern int sd_journal_enumerate_data(nint journal, byte** data, nuint* length);

    [DllImport(Library)]
    private static extern int sd_journal_get_fd(nint journal);

    [DllImport(Library)]
    private static extern int sd_journal_process(nint journal);
}

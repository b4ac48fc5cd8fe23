using System.Text;
using Rundlet.Linux;
using Rundlet.Runtime.Supervision;
using Rundlet.Syscalls;

namespace Rundlet.Supervisor.Tests;

/// <summary>A supervisor that is killed between two steps leaves files; these are made here, and another one begins with them.</summary>
public sealed class OutputSpoolTests : IDisposable
{
    private static readonly timespec s_time = new() { tv_sec = 1795450000, tv_nsec = 7 };

    private readonly TemporaryFolder _folder = new();
    private readonly byte[] _buffer = new byte[64 << 10];

    public void Dispose() => _folder.Dispose();

    [Theory]
    [InlineData(0, 1)]
    [InlineData(700, 100)]
    public void Killed_at_any_byte_of_the_log_the_next_one_makes_the_same_log(long maxSize, int maxFiles)
    {
        // Whole lines, bytes that become more, half a character, a line that is several records, and the beginning of one.
        byte[] output = [.. "one\n\"two\"\t\n\n"u8, 0xC3, .. "\n"u8, .. Encoding.UTF8.GetBytes(new string('ü', ContainerLog.MaxLine)), .. "\nlast\nand half"u8];
        using (Side dead = new(_folder["dead"], maxSize, maxFiles))
        {
            dead.Write("before\n"u8, _buffer);
            dead.Fill(output, _buffer);
            dead.Spool.Begin(s_time, dead.Place, ends: false);
        }
        string[] whole = [];
        long from = new FileInfo(Path.Combine(_folder["dead"], Side.LogName)).Length, to = 0;
        foreach (long length in Lengths())
        {
            string folder = Copy();
            if (whole.Length > 0)
                File.WriteAllText(Path.Combine(folder, Side.LogName), whole[0][..(int)length]);
            using (Side next = new(folder, maxSize, maxFiles, adopts: true, sameFile: true))
            {
                next.Recover();
                Assert.Equal("and half", Encoding.UTF8.GetString(next.Stream.Rest.Bytes));
                Assert.Equal(0, next.Spool.Pending);
            }
            string[] made = [.. LogFiles(folder).Select(File.ReadAllText)];
            if (whole.Length == 0)
                whole = made;
            Assert.Equal(whole, made);
            to = whole[0].Length;
            Directory.Delete(folder, recursive: true);
        }
        Assert.Equal(["before\n", "one\n", "\"two\"\t\n", "\n", "\uFFFD\n"], Records(whole).Take(5));
        Assert.Equal("last\n", Records(whole).Last());
        Assert.Equal(maxSize > 0, whole.Length > 1);

        // The first one with nothing of it there makes what the others must make too.
        IEnumerable<long> Lengths()
        {
            yield return from;
            for (long length = from; length < to; length += length < from + 150 || length > to - 100 ? 1 : 1997)
                yield return length;
            yield return to;
        }
    }

    [Fact]
    public void Killed_when_all_was_written_but_not_noted_the_next_one_writes_nothing()
    {
        using (Side dead = new(_folder["dead"]))
        {
            dead.Fill("one\ntwo\n"u8, _buffer);
            dead.Spool.Begin(s_time, dead.Place, ends: false);
            File.WriteAllText(Path.Combine(_folder["dead"], Side.LogName), "written\n");
        }
        using (FileStream spool = File.Open(Path.Combine(_folder["dead"], "stdout.spool"), FileMode.Open))
            spool.SetLength(OutputSpoolFile.Start); // the step before the note
        for (int turn = 0; turn < 2; turn++) // and it is as if that note had been written
        {
            using Side next = new(_folder["dead"], adopts: true);
            next.Recover();
            Assert.Equal("written\n", File.ReadAllText(Path.Combine(_folder["dead"], Side.LogName)));
            next.Fill("x"u8, _buffer);
            Assert.Equal("x", Encoding.UTF8.GetString(_buffer.AsSpan(0, 1)));
            next.Spool.Done(0);
        }
    }

    [Fact]
    public void Killed_before_anything_of_it_was_noted_the_next_one_writes_all()
    {
        using (Side dead = new(_folder["dead"]))
            dead.Fill("one\nhalf"u8, _buffer);
        using Side next = new(_folder["dead"], adopts: true);
        next.Recover();
        next.Write(" a line\n"u8, _buffer);
        Assert.Equal(["one\n", "half a line\n"], Records([.. LogFiles(_folder["dead"]).Select(File.ReadAllText)]));
    }

    [Fact]
    public void A_last_line_without_its_end_is_written_once()
    {
        using (Side dead = new(_folder["dead"]))
        {
            dead.Write("no end"u8, _buffer);
            dead.Spool.Begin(s_time, dead.Place, ends: true);
        }
        using (Side next = new(_folder["dead"], adopts: true))
        {
            next.Recover();
            Assert.True(next.Stream.Rest.IsEmpty);
        }
        Assert.Equal(["no end"], Records([.. LogFiles(_folder["dead"]).Select(File.ReadAllText)]));
    }

    [Fact]
    public void What_somebody_else_has_put_into_the_log_stays_where_it_is_not_in_the_way()
    {
        using (Side dead = new(_folder["dead"]))
        {
            dead.Fill("one\n"u8, _buffer);
            dead.Spool.Begin(s_time, dead.Place, ends: false);
        }
        string log = Path.Combine(_folder["dead"], Side.LogName);
        File.AppendAllText(log, "{\"log\":\"something else");
        using (Side next = new(_folder["dead"], adopts: true))
            next.Recover();
        Assert.Equal(["one\n"], Records([File.ReadAllText(log)]));
        File.AppendAllText(log, "half of a foreign line");
        using (Side later = new(_folder["dead"], adopts: true))
            later.Write("two\n"u8, _buffer);
        Assert.Equal(3, File.ReadAllLines(log).Length);
    }

    [Fact]
    public void What_is_in_the_log_costs_no_memory()
    {
        using Side side = new(_folder["dead"]);
        for (int i = 0; i < 200; i++)
        {
            side.Write(Encoding.ASCII.GetBytes(string.Concat(Enumerable.Range(0, 5000).Select(n => $"{n % 10}\n")) + "and half"), _buffer);
            side.Write("\nhalf"u8, _buffer);
        }
        Assert.InRange(BlocksOf(side), 1, 16 << 10);
        side.Write("\n"u8, _buffer);
        Assert.InRange(BlocksOf(side), 1, 4096);
        Assert.False(OutputSpoolFile.HoldsOutput(_folder["dead"]));
    }

    [Fact]
    public void Where_there_is_no_room_for_it_the_output_goes_without()
    {
        if (!Environment.IsPrivilegedProcess)
            Assert.Skip("needs root to mount a small tmpfs");
        string run = Directory.CreateDirectory(_folder["small"]).FullName;
        Assert.Equal(0, Sys.mount("tmpfs", run, "tmpfs", 0, "size=12k"));
        try
        {
            using Side side = new(_folder["dead"], run: run);
            side.Write("one\nhalf"u8, _buffer);
            File.WriteAllBytes(Path.Combine(run, "ballast"), new byte[4096]);
            byte[] much = Encoding.ASCII.GetBytes(string.Concat(Enumerable.Range(0, 3000).Select(n => $" {n}\n")));
            side.Write(much, _buffer);
            side.Write("two\n"u8, _buffer);
            Assert.True(side.Spool.IsBroken);
            Assert.False(File.Exists(Path.Combine(run, "stdout.spool")));
            Assert.Equal("one\nhalf" + Encoding.ASCII.GetString(much) + "two\n", string.Concat(Records([.. LogFiles(_folder["dead"]).Select(File.ReadAllText)])));
        }
        finally
        {
            Assert.Equal(0, Sys.umount2(run, 2 /* MNT_DETACH */));
        }
    }

    private static long BlocksOf(Side side)
    {
        Assert.Equal(0, Sys.statx(side.Run.Value, "stdout.spool", 0, STATX.BASIC_STATS, out statx_t file));
        return (long)file.stx_blocks * 512;
    }

    private static IEnumerable<string> Records(string[] files)
    {
        foreach (string line in files.SelectMany(text => text.Split('\n', StringSplitOptions.RemoveEmptyEntries)))
        {
            if (line.EndsWith('}'))
                yield return System.Text.Json.JsonDocument.Parse(line).RootElement.GetProperty("log").GetString()!;
        }
    }

    private static IEnumerable<string> LogFiles(string folder) =>
        RotatedLog.List(Path.Combine(folder, Side.LogName)).Select(old => old.NameFor(Path.Combine(folder, Side.LogName))).Append(Path.Combine(folder, Side.LogName));

    private string Copy()
    {
        string folder = _folder["next"];
        Directory.CreateDirectory(folder);
        foreach (string file in Directory.GetFiles(_folder["dead"]))
            File.Copy(file, Path.Combine(folder, Path.GetFileName(file)));
        return folder;
    }

    /// <summary>The part of a supervisor that has to do with one stream.</summary>
    private sealed class Side : IDisposable
    {
        public const string LogName = "container.log";

        private readonly JsonFileLog _log;
        private readonly OutputSpools _spools;
        private readonly OwnedFd _writing;

        public Side(string folder, long maxSize = 0, int maxFiles = 1, bool adopts = false, bool sameFile = false, string? run = null)
        {
            Directory.CreateDirectory(folder);
            Run = FileIo.Open(Sys.AT_FDCWD, run ?? folder, O.RDONLY | O.DIRECTORY);
            string path = Path.Combine(folder, LogName);
            _spools = new OutputSpools(Run, adopts);
            LogPlace? interrupted = _spools.Interrupted?.Place;
            if (sameFile) // a copy, which has another number
                interrupted = interrupted!.Value with { Inode = InodeOf(path) };
            _log = new JsonFileLog(new LogConfig { Path = path, MaxSize = maxSize, MaxFiles = maxFiles }, interrupted) { Spools = _spools };
            Assert.Equal(0, Sys.pipe2(out int reading, out int writing, O.NONBLOCK));
            _writing = new OwnedFd(writing);
            Stream = new OutputStream(new OwnedFd(reading), FrameType.Stdout, _spools);
        }

        public OwnedFd Run { get; }

        public OutputStream Stream { get; }

        public OutputSpool Spool => _spools.Open(FrameType.Stdout)!;

        public LogPlace Place => new(InodeOf(_path), new FileInfo(_path).Length);

        private string _path => $"/proc/self/fd/{Run.Value}/{LogName}";

        /// <summary>From the pipe into the spool, and to the one who would write it into the log.</summary>
        public int Fill(ReadOnlySpan<byte> output, byte[] buffer)
        {
            FileIo.WriteAll(_writing.Value, output, "a pipe");
            int got = Stream.Read(buffer);
            Assert.Equal(output.Length, got);
            return got;
        }

        /// <summary>All the way.</summary>
        public void Write(ReadOnlySpan<byte> output, byte[] buffer)
        {
            FileIo.WriteAll(_writing.Value, output, "a pipe");
            for (int left = output.Length; left > 0;)
            {
                int got = Stream.Read(buffer);
                Assert.InRange(got, 1, left);
                _log.Write(FrameType.Stdout, buffer.AsSpan(0, got), Stream.Rest);
                left -= got;
            }
        }

        public void Recover()
        {
            _log.Replay(FrameType.Stdout, Stream.Rest);
            _log.Continue(FrameType.Stdout, Stream.Rest);
        }

        public void Dispose()
        {
            _log.Dispose();
            Stream.Dispose();
            _writing.Dispose();
            Run.Dispose();
        }

        private static ulong InodeOf(string path)
        {
            Assert.Equal(0, Sys.statx(Sys.AT_FDCWD, path, 0, STATX.INO, out statx_t file));
            return file.stx_ino;
        }
    }
}

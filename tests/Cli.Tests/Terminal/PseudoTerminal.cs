using System.Diagnostics;
using System.Text;
using Rundlet.Linux;
using Rundlet.Syscalls;

namespace Rundlet.Cli.Tests.Terminal;

/// <summary>A program on a terminal of the test's own, pty(7): what it shows, and keys, sizes and signals for it.</summary>
internal sealed class PseudoTerminal : IDisposable
{
    private static readonly TimeSpan s_limit = TimeSpan.FromSeconds(30);

    private readonly OwnedFd _master;
    private readonly OwnedFd _slave; // held open, so that what is left on it can be read after the program's end
    private readonly TerminalPicture _picture;
    private readonly Lock _lock = new();
    private readonly ManualResetEventSlim _changed = new();
    private readonly Thread _reader;
    private readonly termios _before;
    private Exception? _failure;
    private volatile bool _closing;

    /// <summary>Starts <c>rundlet</c> as the leader of a session on the terminal.</summary>
    public PseudoTerminal(Machine machine, int columns, int rows, params string[] arguments)
    {
        _master = FileIo.Open(Sys.AT_FDCWD, "/dev/ptmx", O.RDWR | O.NOCTTY | O.CLOEXEC);
        int unlocked = 0;
        LinuxException.ThrowIfError(Sys.ioctl(_master.Value, TIO.SPTLCK, ref unlocked), "unlock");
        int number = 0;
        LinuxException.ThrowIfError(Sys.ioctl(_master.Value, TIO.GPTN, ref number), "number");
        _slave = FileIo.Open(Sys.AT_FDCWD, $"/dev/pts/{number}", O.RDWR | O.NOCTTY | O.CLOEXEC);
        _before = Settings();
        _picture = new TerminalPicture(columns, rows);
        SetSize(columns, rows);
        _reader = new Thread(Read) { IsBackground = true };
        _reader.Start();
        // setsid makes the terminal on standard input the controlling one, and becomes the program.
        ProcessStartInfo start = machine.StartInfo("sh", ["-c", "exec setsid -c \"$@\" <\"$0\" >\"$0\" 2>&1", $"/dev/pts/{number}", machine.Program, .. arguments]);
        start.Environment["TERM"] = "xterm";
        Process = Process.Start(start)!;
    }

    /// <summary>The program.</summary>
    public Process Process { get; }

    /// <summary>Whether the terminal is as it was before the program: mode, screen, cursor, wrapping.</summary>
    public bool IsRestored
    {
        get
        {
            termios now = Settings();
            lock (_lock)
                return now.c_lflag == _before.c_lflag && now.c_iflag == _before.c_iflag && now.c_oflag == _before.c_oflag && !_picture.IsAlternate && _picture.HasCursor && _picture.Wraps;
        }
    }

    /// <summary>Whether the alternate screen is shown.</summary>
    public bool IsAlternate
    {
        get
        {
            lock (_lock)
                return _picture.IsAlternate;
        }
    }

    /// <summary>Sequences for colour and the like that came.</summary>
    public string[] Styles
    {
        get
        {
            lock (_lock)
                return [.. _picture.Styles];
        }
    }

    /// <summary>Presses keys.</summary>
    public void Type(string keys) => FileIo.WriteAll(_master.Value, Encoding.UTF8.GetBytes(keys), "terminal");

    /// <summary>Gives the terminal another size.</summary>
    public void Resize(int columns, int rows)
    {
        lock (_lock)
            _picture.Resize(columns, rows);
        SetSize(columns, rows);
    }

    /// <summary>Sends a signal.</summary>
    public void Signal(int signal) => LinuxException.ThrowIfError(Sys.kill(Process.Id, signal), "kill");

    /// <summary>Waits until the lines are as wanted.</summary>
    public string[] Await(string what, Predicate<string[]> wanted)
    {
        string[] lines = [];
        AwaitThat(() =>
        {
            lock (_lock)
                lines = _picture.Lines;
            return wanted(lines);
        }, () => $"{what}; there is:\n{string.Join('\n', lines)}");
        return lines;
    }

    /// <summary>Waits until some line has a text in it.</summary>
    public string[] AwaitText(string text) => Await($"'{text}' is shown", lines => Array.Exists(lines, line => line.Contains(text)));

    /// <summary>Waits until something holds; looked at again with each output, and every so often.</summary>
    public void AwaitThat(Func<bool> condition, Func<string> what)
    {
        long start = Stopwatch.GetTimestamp();
        while (!condition())
        {
            if (_failure is not null)
                throw new InvalidOperationException("the terminal", _failure);
            Assert.True(Stopwatch.GetElapsedTime(start) < s_limit, $"never: {what()}");
            _changed.Wait(TimeSpan.FromMilliseconds(50));
            _changed.Reset();
        }
    }

    /// <summary>Waits for the end of the program and what it wrote.</summary>
    /// <returns>Its exit code.</returns>
    public int AwaitEnd()
    {
        Assert.True(Process.WaitForExit(s_limit), "the program does not end");
        AwaitThat(() => IsRestored, () => "the terminal is as before");
        return Process.ExitCode;
    }

    public void Dispose()
    {
        if (!Process.HasExited)
            Process.Kill();
        Process.WaitForExit();
        Process.Dispose();
        _closing = true;
        Assert.True(_reader.Join(s_limit));
        _slave.Dispose();
        _master.Dispose();
        _changed.Dispose();
    }

    private void Read()
    {
        byte[] buffer = new byte[16 << 10];
        try
        {
            while (!_closing)
            {
                Span<pollfd> fds = [new pollfd { fd = _master.Value, events = POLL.IN }];
                if (Sys.poll(fds, 100) <= 0)
                    continue;
                nint got = Sys.read(_master.Value, buffer);
                if (got <= 0)
                    continue;
                lock (_lock)
                    _picture.Feed(buffer.AsSpan(0, (int)got));
                _changed.Set();
            }
        }
        catch (Exception e)
        {
            _failure = e; // told to whoever waits
        }
    }

    private termios Settings()
    {
        termios settings = default;
        LinuxException.ThrowIfError(Sys.ioctl(_slave.Value, TC.GETS, ref settings), "termios");
        return settings;
    }

    private void SetSize(int columns, int rows)
    {
        winsize size = new() { ws_col = (ushort)columns, ws_row = (ushort)rows };
        LinuxException.ThrowIfError(Sys.ioctl(_master.Value, TIO.SWINSZ, ref size), "size");
    }
}

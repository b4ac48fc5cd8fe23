using System.Text;
using Rundlet.Linux;
using Rundlet.Syscalls;

namespace Rundlet.Cli.Terminal;

/// <summary>
/// The whole terminal: raw, on its alternate screen, as it was on <see cref="Dispose"/>. A frame is one write of the lines that changed, so
/// that nothing flickers and an idle view costs nothing.
/// </summary>
internal sealed class Screen : IDisposable
{
    /// <summary>The terminal that is read.</summary>
    public const int Input = 0;

    private const int Output = 1;
    private const string Begin = "\e[?1049h\e[?25l\e[?7l\e[H\e[2J"; // alternate screen, no cursor, no wrapping
    private const string End = "\e[0m\e[?7h\e[?25h\e[?1049l";

    private readonly List<string> _drawn = [];
    private RawTerminal? _raw;

    /// <summary>Takes the terminal.</summary>
    /// <exception cref="ContainerException">InvalidArgument: there is none.</exception>
    public Screen() => Enter();

    /// <summary>Whether standard input and output are a terminal that can do this.</summary>
    public static bool IsPossible => Out.IsTerminal(Input) && Out.IsTerminal(Output) && Environment.GetEnvironmentVariable("TERM") != "dumb";

    /// <summary>Its size now.</summary>
    public static (int Columns, int Rows) Size => Out.SizeOf(Output);

    /// <summary>Shows lines, the first at the top; what was below the last one goes.</summary>
    /// <param name="lines">With sequences for style in them, and no others.</param>
    public void Draw(IReadOnlyList<string> lines)
    {
        StringBuilder frame = new();
        int count = Math.Min(lines.Count, Size.Rows);
        for (int row = 0; row < Math.Max(count, _drawn.Count); row++)
        {
            string line = row < count ? lines[row] : "";
            if (row < _drawn.Count && _drawn[row] == line)
                continue;
            frame.Append($"\e[{row + 1}H").Append(line).Append("\e[0m\e[K");
        }
        if (frame.Length > 0)
            Out.Text(frame.ToString());
        _drawn.Clear();
        _drawn.AddRange(lines.Take(count));
    }

    /// <summary>The terminal may show anything: clears it, and the next frame is drawn whole.</summary>
    public void Forget()
    {
        _drawn.Clear();
        Out.Text("\e[2J");
    }

    /// <summary>Gives the terminal back and stops this process, as Ctrl-Z does; comes back when it is continued.</summary>
    public void Suspend()
    {
        Leave();
        _ = Sys.kill(Sys.getpid(), SIG.STOP); // ignored: one may always stop oneself
        Enter();
    }

    /// <summary>Takes the terminal again after others may have had it.</summary>
    public void Retake()
    {
        Leave();
        Enter();
    }

    /// <inheritdoc/>
    public void Dispose() => Leave();

    private void Enter()
    {
        _raw = RawTerminal.TryEnter(Input) ?? throw new ContainerException(ContainerErrorKind.InvalidArgument, "standard input is no terminal");
        _drawn.Clear();
        try
        {
            Out.Text(Begin);
        }
        catch
        {
            Leave();
            throw;
        }
    }

    private void Leave()
    {
        if (_raw is null)
            return;
        _ = Sys.write(Output, Encoding.ASCII.GetBytes(End)); // ignored: a terminal that is gone shows nothing
        _raw.Dispose();
        _raw = null;
    }
}

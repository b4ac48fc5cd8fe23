using System.Text;
using Rundlet.Linux;
using Rundlet.Syscalls;

namespace Rundlet.Cli.Terminal;

/// <summary>Asks for a line on the terminal that is standard input; the question goes to standard error.</summary>
internal static class Prompt
{
    private const int StandardInput = 0, StandardError = 2, MaxLength = 4096;
    private const byte CtrlC = 3, CtrlD = 4, Backspace = 8, CtrlU = 21, Delete = 127;

    /// <summary>Asks; what is typed is seen.</summary>
    /// <exception cref="ContainerException">InvalidArgument: standard input is no terminal; Canceled: it ended.</exception>
    public static string Line(string question, string flag)
    {
        RefuseOthers(question, flag);
        return Ask(question, null);
    }

    /// <summary>Asks; what is typed is not seen.</summary>
    /// <inheritdoc cref="Line"/>
    public static string Hidden(string question, string flag)
    {
        RefuseOthers(question, flag);
        using RawTerminal terminal = RawTerminal.TryEnter(StandardInput) ?? throw NoTerminal(question, flag);
        try
        {
            return Ask(question, Edit);
        }
        finally
        {
            Out.TextTo(StandardError, "\r\n");
        }
    }

    private static string Ask(string question, Action<List<byte>, byte>? edit)
    {
        Out.TextTo(StandardError, question + ": ");
        List<byte> line = [];
        Span<byte> one = stackalloc byte[1];
        while (true)
        {
            nint got = Sys.read(StandardInput, one);
            if (Sys.Is(got, Errno.EINTR))
                continue;
            LinuxException.ThrowIfError(got, "read", "standard input");
            if (got == 0 || (edit is not null && one[0] is CtrlC or CtrlD))
                throw new ContainerException(ContainerErrorKind.Canceled, "login was interrupted");
            if (one[0] is (byte)'\n' or (byte)'\r')
                return Encoding.UTF8.GetString([.. line]);
            if (edit is not null)
                edit(line, one[0]);
            else if (line.Count < MaxLength)
                line.Add(one[0]);
        }
    }

    // What the terminal does for lines that it shows.
    private static void Edit(List<byte> line, byte typed)
    {
        if (typed == CtrlU)
        {
            line.Clear();
        }
        else if (typed is Backspace or Delete)
        {
            while (line.Count > 0 && (line[^1] & 0xC0) == 0x80) // the rest of a character of several bytes
                line.RemoveAt(line.Count - 1);
            if (line.Count > 0)
                line.RemoveAt(line.Count - 1);
        }
        else if (line.Count < MaxLength)
        {
            line.Add(typed);
        }
    }

    private static void RefuseOthers(string question, string flag)
    {
        if (!Out.IsTerminal(StandardInput))
            throw NoTerminal(question, flag);
    }

    private static ContainerException NoTerminal(string question, string flag) =>
        new(ContainerErrorKind.InvalidArgument, $"cannot ask for '{question}': standard input is no terminal") { Hint = $"give it with {flag}" };
}

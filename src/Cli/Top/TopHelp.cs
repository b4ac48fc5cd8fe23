using System.Text;
using Rundlet.Cli.Terminal;

namespace Rundlet.Cli.Top;

/// <summary>The keys of the live view.</summary>
internal static class TopHelp
{
    private static readonly (string Key, string Word)[] s_keys =
    [
        ("q", "quit"), ("?", "help"), ("/", "filter"), ("<>", "sort"), ("l", "logs"), ("i", "inspect"), ("k", "kill"), ("s", "stop"), ("r", "restart"), ("p", "pause"),
    ];

    /// <summary>The most important ones on a line: as many as fit.</summary>
    public static string Keys(int columns, Style style)
    {
        StringBuilder line = new();
        int left = columns;
        foreach ((string key, string word) in s_keys)
        {
            left -= key.Length + word.Length + (line.Length > 0 ? 2 : 1);
            if (left < 0)
                break;
            line.Append(line.Length > 0 ? " " : "").Append(style.Strong(key)).Append(' ').Append(word);
        }
        return line.ToString();
    }

    /// <summary>All of them, a line each.</summary>
    public static IReadOnlyList<string> Lines { get; } =
    [
        "↑ ↓ PgUp PgDn Home End   select a container",
        "← → or < >               sort by the column before, the next one",
        "o                        the other way round",
        "/                        show only what has a text in its name or image, or an id that begins so",
        "a                        leave away what does not run, and bring it back",
        "",
        "Enter, i                 inspect",
        "l                        logs, following",
        "k                        kill",
        "s                        stop",
        "r                        restart; one that does not run is started",
        "p                        pause, unpause",
        "                         each of these asks before",
        "",
        "Ctrl-L                   draw all again",
        "Ctrl-Z                   back to the shell for a while",
        "q, Ctrl-C                quit",
        "",
        "CPU % is of one processor. MEMORY is without page cache that was not used for long. Rates are of the last two seconds.",
    ];
}

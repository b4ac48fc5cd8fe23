namespace Rundlet.Cli.Terminal;

/// <summary>Sequences that change how text looks. Colours only where they are wanted: <c>NO_COLOR</c> (no-color.org) turns them off.</summary>
/// <param name="colors">Whether there are colours.</param>
internal sealed class Style(bool colors)
{
    private const string Reset = "\e[0m";

    /// <summary>As the environment wants it.</summary>
    public static Style FromEnvironment() => new(string.IsNullOrEmpty(Environment.GetEnvironmentVariable("NO_COLOR")));

    /// <summary>For lines on an fd: colours where it is a terminal that knows them, and the environment wants them.</summary>
    public static Style For(int fd) => Out.IsTerminal(fd) && Environment.GetEnvironmentVariable("TERM") != "dumb" ? FromEnvironment() : new(colors: false);

    /// <summary>Headings.</summary>
    public string Strong(string text) => $"\e[1m{text}{Reset}";

    /// <summary>What is selected.</summary>
    public string Reverse(string text) => $"\e[7m{text}{Reset}";

    /// <summary>What is well.</summary>
    public string Good(string text) => Color(32, text);

    /// <summary>What one should look at.</summary>
    public string Warning(string text) => Color(33, text);

    /// <summary>What went wrong.</summary>
    public string Bad(string text) => Color(31, text);

    /// <summary>What is less important.</summary>
    public string Faint(string text) => Color(90, text);

    private string Color(int code, string text) => colors ? $"\e[{code}m{text}{Reset}" : text;
}

using Rundlet.Syscalls;

namespace Rundlet.Linux;

/// <summary>Signals by name and number, signal(7).</summary>
public static class SignalNames
{
    private static readonly string[] s_names =
    [
        "", "HUP", "INT", "QUIT", "ILL", "TRAP", "ABRT", "BUS", "FPE", "KILL", "USR1", "SEGV", "USR2", "PIPE", "ALRM", "TERM", "STKFLT", "CHLD", "CONT",
        "STOP", "TSTP", "TTIN", "TTOU", "URG", "XCPU", "XFSZ", "VTALRM", "PROF", "WINCH", "IO", "PWR", "SYS",
    ];

    private const int RealtimeMin = 34; // the C library keeps 32 and 33
    private const int Max = 64;

    /// <summary>The number for <c>9</c>, <c>KILL</c>, <c>SIGKILL</c> or <c>RTMIN+3</c>, in any case.</summary>
    /// <exception cref="ContainerException">There is no such signal.</exception>
    public static int Parse(string text)
    {
        if (int.TryParse(text, out int number))
            return number is >= 1 and <= Max ? number : throw Unknown(text);
        string name = text.ToUpperInvariant();
        if (name.StartsWith("SIG", StringComparison.Ordinal))
            name = name[3..];
        for (int signal = 1; signal < s_names.Length; signal++)
        {
            if (s_names[signal] == name)
                return signal;
        }
        return name switch
        {
            "IOT" => SIG.ABRT,
            "CLD" => SIG.CHLD,
            "POLL" => SIG.IO,
            "RTMIN" => RealtimeMin,
            "RTMAX" => Max,
            _ when Relative(name, "RTMIN+", RealtimeMin, +1) is { } above => above,
            _ when Relative(name, "RTMAX-", Max, -1) is { } below => below,
            _ => throw Unknown(text),
        };
    }

    /// <summary>The name with <c>SIG</c>, or the number in words.</summary>
    public static string NameOf(int signal) => signal > 0 && signal < s_names.Length ? "SIG" + s_names[signal] : $"signal {signal}";

    private static int? Relative(string name, string prefix, int from, int direction) =>
        name.StartsWith(prefix, StringComparison.Ordinal) && int.TryParse(name.AsSpan(prefix.Length), out int offset) && offset >= 0 && offset <= Max - RealtimeMin
            ? from + direction * offset
            : null;

    private static ContainerException Unknown(string text) =>
        new(ContainerErrorKind.InvalidArgument, $"unknown signal '{text}'") { Hint = "use a name such as TERM or a number from 1 to 64" };
}

using Rundlet.Cli.CommandLine;
using Rundlet.Engine.Options;
using Rundlet.Linux;

namespace Rundlet.Cli.Commands.RunFlags;

/// <summary>What becomes of it when it ends or falls ill.</summary>
internal static class LifeFlags
{
    /// <summary>The flags.</summary>
    public static IEnumerable<Option> All { get; } = Option.Under(
        "Life",
        new("restart", null, "POLICY", "start it again when it ends: no, on-failure[:RETRIES], always, unless-stopped (default no)"),
        new("health-cmd", null, "COMMAND", "check its health by this command of its shell"),
        new("health-interval", null, "TIME", "from one check to the next, as in 1m30s (default 30s)"),
        new("health-timeout", null, "TIME", "the longest that a check may take (default 30s)"),
        new("health-start-period", null, "TIME", "how long after the start failures do not count (default 0s)"),
        new("health-start-interval", null, "TIME", "the interval in that time (default 5s)"),
        new("health-retries", null, "NUMBER", "so many failures in a row make it unhealthy (default 3)"),
        new("no-healthcheck", null, null, "no checks, whatever the image says"),
        new("on-unhealthy", null, "ACTION", "then: none, restart, stop or kill (default none)"));

    /// <summary>The options with what the flags say.</summary>
    /// <exception cref="ContainerException">InvalidArgument: one of them is wrong.</exception>
    public static ContainerOptions Apply(Arguments arguments, ContainerOptions options)
    {
        var health = new HealthOptions
        {
            IsOff = arguments.Has("no-healthcheck"),
            Command = arguments.Value("health-cmd"),
            IntervalMs = Time(arguments, "health-interval"),
            TimeoutMs = Time(arguments, "health-timeout"),
            StartPeriodMs = Time(arguments, "health-start-period"),
            StartIntervalMs = Time(arguments, "health-start-interval"),
            Retries = (int?)arguments.Number("health-retries", 1, int.MaxValue),
            OnUnhealthy = arguments.Value("on-unhealthy"),
        };
        return options with { Restart = arguments.Value("restart"), Health = health == new HealthOptions() ? null : health };
    }

    private static int? Time(Arguments arguments, string flag)
    {
        if (arguments.Value(flag) is not { } text)
            return null;
        double milliseconds = MomentOption.TryParseSpan(text)?.TotalMilliseconds
            ?? throw new ContainerException(ContainerErrorKind.InvalidArgument, $"invalid time '{text}' for --{flag}") { Hint = "write it as in 500ms, 30s or 1m30s" };
        bool mayBeNothing = flag == "health-start-period";
        return milliseconds <= int.MaxValue && (milliseconds >= 1 || (mayBeNothing && milliseconds == 0))
            ? (int)milliseconds
            : throw new ContainerException(ContainerErrorKind.InvalidArgument, $"--{flag} cannot be '{text}': it is 1ms at least and 596h at most");
    }
}

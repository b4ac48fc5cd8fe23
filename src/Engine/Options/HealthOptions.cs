using Rundlet.Linux;
using Rundlet.Oci;
using Rundlet.Runtime.Supervision;

namespace Rundlet.Engine.Options;

/// <summary>What a user says about the checks of a container's health; what is null is the image's choice. Times in milliseconds.</summary>
public sealed record HealthOptions
{
    private const int NanosecondsPerMillisecond = 1_000_000;

    /// <summary>Whether there are none, whatever the image says.</summary>
    public bool IsOff { get; init; }

    /// <summary>A line for the image's shell.</summary>
    public string? Command { get; init; }

    /// <summary>From one check to the next.</summary>
    public int? IntervalMs { get; init; }

    /// <summary>The longest that one may take.</summary>
    public int? TimeoutMs { get; init; }

    /// <summary>How long after the start failures do not count.</summary>
    public int? StartPeriodMs { get; init; }

    /// <summary>The interval in that time.</summary>
    public int? StartIntervalMs { get; init; }

    /// <summary>So many failures in a row are too many.</summary>
    public int? Retries { get; init; }

    /// <summary><c>none</c>, <c>restart</c>, <c>stop</c> or <c>kill</c>.</summary>
    public string? OnUnhealthy { get; init; }

    /// <summary>Refuses what cannot be.</summary>
    /// <exception cref="ContainerException">InvalidArgument.</exception>
    public void Validate()
    {
        bool says = Command is not null || IntervalMs is not null || TimeoutMs is not null || StartPeriodMs is not null || StartIntervalMs is not null || Retries is not null;
        if (IsOff && says)
            throw new ContainerException(ContainerErrorKind.InvalidArgument, "--no-healthcheck conflicts with --health-* options");
        if (Retries is < 1)
            throw new ContainerException(ContainerErrorKind.InvalidArgument, "--health-retries must be at least 1");
        if (OnUnhealthy is { } action && HealthConfig.TryParseAction(action) is null)
            throw new ContainerException(ContainerErrorKind.InvalidArgument, $"invalid action '{action}' for an unhealthy container") { Hint = "use none, restart, stop or kill" };
    }

    /// <summary>What comes of an image's word and the user's, which wins; null for no checks.</summary>
    /// <exception cref="ContainerException">InvalidArgument: the image's check is malformed.</exception>
    public static HealthConfig? Effective(HealthOptions? options, ContainerConfig image)
    {
        Healthcheck? check = image.Healthcheck;
        if (options is { IsOff: true } || CommandOf(options, image) is not { } command)
            return null;
        HealthConfig standard = new() { Command = command };
        return new HealthConfig
        {
            Command = command,
            IntervalMs = options?.IntervalMs ?? Milliseconds(check?.Interval) ?? standard.IntervalMs,
            TimeoutMs = options?.TimeoutMs ?? Milliseconds(check?.Timeout) ?? standard.TimeoutMs,
            StartPeriodMs = options?.StartPeriodMs ?? Milliseconds(check?.StartPeriod) ?? standard.StartPeriodMs,
            StartIntervalMs = options?.StartIntervalMs ?? Milliseconds(check?.StartInterval) ?? standard.StartIntervalMs,
            Retries = options?.Retries ?? (check?.Retries is > 0 and int retries ? retries : standard.Retries),
            OnUnhealthy = options?.OnUnhealthy is { } action ? HealthConfig.TryParseAction(action) ?? UnhealthyAction.None : UnhealthyAction.None,
        };
    }

    private static IReadOnlyList<string>? CommandOf(HealthOptions? options, ContainerConfig image)
    {
        if (options?.Command is { } line)
            return InShell(line, image);
        return image.Healthcheck?.Test switch
        {
            null or [] or ["NONE", ..] => null,
            ["CMD-SHELL", var one] => InShell(one, image),
            ["CMD", _, ..] words => words[1..],
            var words => throw new ContainerException(ContainerErrorKind.InvalidArgument, $"the image's health check '{words[0]}' is malformed") { Hint = "--no-healthcheck runs the container without it" },
        };
    }

    private static List<string> InShell(string line, ContainerConfig image) => [.. image.Shell is { Count: > 0 } shell ? shell : ImageShell.Default, line];

    private static int? Milliseconds(long? nanoseconds) =>
        nanoseconds is > 0 and long time ? (int)Math.Clamp(time / NanosecondsPerMillisecond, 1, int.MaxValue) : null;
}

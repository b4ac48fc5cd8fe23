using System.Globalization;
using Rundlet.Linux;

namespace Rundlet.Runtime.Supervision;

/// <summary>What <c>--restart</c> asks for.</summary>
/// <param name="Condition">When to start again.</param>
/// <param name="MaximumRetries">With <see cref="RestartCondition.OnFailure"/>: how often at most; 0 for any number.</param>
public sealed record RestartPolicy(RestartCondition Condition, int MaximumRetries = 0)
{
    private static readonly string[] s_names = ["no", "on-failure", "always", "unless-stopped"];

    /// <summary>Never again.</summary>
    public static RestartPolicy None { get; } = new(RestartCondition.No);

    /// <summary>The condition as Docker writes it.</summary>
    public string Name => s_names[(int)Condition];

    /// <summary>Reads <c>no</c>, <c>on-failure[:RETRIES]</c>, <c>always</c> or <c>unless-stopped</c>.</summary>
    /// <exception cref="ContainerException">InvalidArgument.</exception>
    public static RestartPolicy Parse(string text)
    {
        string[] parts = text.Split(':', 2);
        int condition = Array.IndexOf(s_names, parts[0]);
        if (condition < 0)
            throw new ContainerException(ContainerErrorKind.InvalidArgument, $"invalid restart policy '{text}'") { Hint = "use no, on-failure[:RETRIES], always or unless-stopped" };
        if (parts.Length == 1)
            return new RestartPolicy((RestartCondition)condition);
        if (condition != (int)RestartCondition.OnFailure)
            throw new ContainerException(ContainerErrorKind.InvalidArgument, $"invalid restart policy '{text}': only on-failure has a number of retries");
        return int.TryParse(parts[1], NumberStyles.None, CultureInfo.InvariantCulture, out int retries)
            ? new RestartPolicy(RestartCondition.OnFailure, retries)
            : throw new ContainerException(ContainerErrorKind.InvalidArgument, $"invalid restart policy '{text}': '{parts[1]}' is no number of retries");
    }

    /// <summary>Whether a container is started again that ended like this, without anybody having asked for it.</summary>
    /// <param name="exit">The end; its restart count is how often it was started again before.</param>
    public bool WantsRestart(ExitRecord exit) => Condition switch
    {
        RestartCondition.Always or RestartCondition.UnlessStopped => true,
        RestartCondition.OnFailure => exit.ExitCode != 0 && (MaximumRetries == 0 || exit.RestartCount < MaximumRetries),
        _ => false,
    };

    /// <summary>Whether a container is started with the machine that ended like this, or went down with it.</summary>
    public bool WantsStart(ExitRecord exit) => Condition switch
    {
        RestartCondition.Always => true,
        RestartCondition.No => false,
        _ => !exit.Stopped && WantsRestart(exit),
    };

    /// <inheritdoc/>
    public override string ToString() => MaximumRetries > 0 ? $"{Name}:{MaximumRetries.ToString(CultureInfo.InvariantCulture)}" : Name;
}

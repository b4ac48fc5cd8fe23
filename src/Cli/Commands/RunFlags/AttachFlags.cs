using Rundlet.Cli.CommandLine;

namespace Rundlet.Cli.Commands.RunFlags;

/// <summary>How <c>run</c> itself stands to the container: the flags that <c>create</c> has not.</summary>
internal static class AttachFlags
{
    /// <summary>The flags.</summary>
    public static IEnumerable<Option> All { get; } = Option.Under(
        "Running",
        new("detach", 'd', null, "leave it running and print its id"),
        AttachCommand.DetachKeysOption,
        AttachCommand.SignalsOption);
}

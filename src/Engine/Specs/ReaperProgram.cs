namespace Rundlet.Engine.Specs;

/// <summary><c>rundlet-init</c>, which is the first process of a container with <c>--init</c>, and starts the user's program.</summary>
public static class ReaperProgram
{
    /// <summary>Its name on the host, beside the supervisor.</summary>
    public const string FileName = "rundlet-init";

    /// <summary>Where it is mounted in the container, read-only.</summary>
    public const string Path = "/sbin/rundlet-init";

    private const string Separator = "--";

    /// <summary>The command line of a container's first process.</summary>
    public static List<string> Before(IReadOnlyList<string> arguments) => [Path, Separator, .. arguments];

    /// <summary>The user's part of a command line.</summary>
    public static IReadOnlyList<string> Without(IReadOnlyList<string> arguments) => arguments is [Path, Separator, ..] ? [.. arguments.Skip(2)] : arguments;
}

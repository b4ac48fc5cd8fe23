using Rundlet.Engine.Options;

namespace Rundlet.Engine.Specs;

/// <summary>Which paths of the kernel are hidden from a container, and which it may only read.</summary>
public static class PathChoice
{
    /// <summary>What it must not read.</summary>
    public static List<string> Masked(SecurityOptions security, int processors)
    {
        List<string> paths = security.Privileged ? [] : Without(DefaultPaths.Masked(processors), security.Unmasked);
        paths.AddRange(security.Masked.Except(paths));
        return paths;
    }

    /// <summary>What it must not write.</summary>
    public static List<string> ReadOnly(SecurityOptions security) => security.Privileged ? [] : Without(DefaultPaths.ReadOnly(), security.Unmasked);

    private static List<string> Without(List<string> paths, IReadOnlyList<string> patterns)
    {
        foreach (string pattern in patterns)
            paths.RemoveAll(path => pattern == SecurityOptions.AllPaths || Glob.Matches(pattern, path));
        return paths;
    }
}

using Rundlet.Linux;

namespace Rundlet.Engine.Options;

/// <summary>When an image is pulled before a container is made of it.</summary>
public enum PullPolicy
{
    /// <summary>Where it is not here.</summary>
    Missing,

    /// <summary>Always.</summary>
    Always,

    /// <summary>Never.</summary>
    Never,
}

/// <summary>Reads policies.</summary>
public static class PullPolicies
{
    /// <summary>The policy of a word.</summary>
    /// <exception cref="ContainerException">InvalidArgument: there is none.</exception>
    public static PullPolicy Parse(string word) => word switch
    {
        "missing" => PullPolicy.Missing,
        "always" => PullPolicy.Always,
        "never" => PullPolicy.Never,
        _ => throw new ContainerException(ContainerErrorKind.InvalidArgument, $"unknown pull policy '{word}'") { Hint = "there are missing, always and never" },
    };
}

using Rundlet.Linux;

namespace Rundlet.Engine.Volumes;

/// <summary>What the local driver can be told; docker's.</summary>
public static class VolumeOptions
{
    /// <summary>The only driver.</summary>
    public const string LocalDriver = "local";

    /// <summary>Checks them.</summary>
    /// <exception cref="ContainerException">InvalidArgument: a key is unknown.</exception>
    public static void Validate(IReadOnlyDictionary<string, string> options)
    {
        foreach ((string key, _) in options)
            throw new ContainerException(ContainerErrorKind.InvalidArgument, $"unknown volume option '{key}'");
    }

    /// <summary>The error for a driver that there is not.</summary>
    public static ContainerException UnknownDriver(string driver) =>
        new(ContainerErrorKind.Unsupported, $"no such volume driver '{driver}'") { Hint = "there is only local" };
}

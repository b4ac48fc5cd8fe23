namespace Rundlet.Images.Registry;

/// <summary>Where a repository can be had: in its registry or in a mirror of it.</summary>
/// <param name="Endpoint">The registry.</param>
/// <param name="Repository">The path there; a mirror may have it beneath a prefix.</param>
internal sealed record RegistrySource(RegistryEndpoint Endpoint, string Repository)
{
    /// <summary>For messages.</summary>
    public override string ToString() => $"{Endpoint.Name}/{Repository}";
}

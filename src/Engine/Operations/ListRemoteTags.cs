using Rundlet.Images.References;
using Rundlet.Images.Registry;
using Rundlet.Linux;

namespace Rundlet.Engine.Operations;

/// <summary>What a registry has under a name.</summary>
public static class ListRemoteTags
{
    /// <summary>References with all tags of a repository, in the registry's order.</summary>
    /// <param name="name">The repository; without a tag and without a digest.</param>
    /// <param name="cancellation">Ends it.</param>
    /// <exception cref="ContainerException">NotFound, PermissionDenied or Unavailable: says of which registry, and the cure.</exception>
    public static IReadOnlyList<ImageReference> Run(string name, CancellationToken cancellation = default)
    {
        ImageReference repository = ImageReference.Parse(name);
        using var client = new RegistryClient(RegistryOptions.FromEnvironment(Environment.GetEnvironmentVariable));
        IReadOnlyList<string> tags = client.ListTagsAsync(repository, cancellation).GetAwaiter().GetResult();
        return [.. tags.Select(tag => ImageReference.Parse($"{repository.Registry}/{repository.Repository}:{tag}"))];
    }
}

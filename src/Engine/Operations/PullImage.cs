using Rundlet.Images.Pull;
using Rundlet.Images.References;
using Rundlet.Images.Registry;
using Rundlet.Linux;

namespace Rundlet.Engine.Operations;

/// <summary>Gets an image from a registry.</summary>
public static class PullImage
{
    /// <summary>Gets it, and unpacks it.</summary>
    /// <param name="engine">The engine.</param>
    /// <param name="name">Which.</param>
    /// <param name="options">How.</param>
    /// <param name="cancellation">Ends it; what has come is kept for the next time.</param>
    /// <exception cref="ContainerException">NotFound, PermissionDenied or Unavailable: says of which registry, and the cure.</exception>
    public static PulledImage Run(ContainerEngine engine, string name, PullOptions options, CancellationToken cancellation = default)
    {
        ImageReference reference = ImageReference.Parse(name);
        using var client = new RegistryClient(RegistryOptions.FromEnvironment(Environment.GetEnvironmentVariable));
        return engine.Images.Store.PullAsync(reference, new RegistryImageSource(client), options, cancellation).GetAwaiter().GetResult();
    }
}

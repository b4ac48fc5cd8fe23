using Rundlet.Images.Platforms;
using Rundlet.Images.Pull;
using Rundlet.Images.References;
using Rundlet.Images.Registry;
using Rundlet.Images.Trust;
using Rundlet.Linux;

namespace Rundlet.Engine.Operations;

/// <summary>Gets an image from a registry, if the machine's policy trusts it.</summary>
public static class PullImage
{
    /// <summary>Gets it, and unpacks it. A name without a registry is looked for in the search registries, the first that has it gives it.</summary>
    /// <param name="engine">The engine.</param>
    /// <param name="name">Which.</param>
    /// <param name="platform">What it must be made for; null for this machine.</param>
    /// <param name="progress">Is told how it goes on; null for nobody.</param>
    /// <param name="cancellation">Ends it; what has come is kept for the next time.</param>
    /// <exception cref="ContainerException">NotFound, PermissionDenied or Unavailable: says of which registry, and the cure.</exception>
    public static PulledImage Run(ContainerEngine engine, string name, ImagePlatform? platform = null, IPullProgress? progress = null, CancellationToken cancellation = default)
    {
        var options = new PullOptions { Progress = progress };
        if (platform is not null)
        {
            options = options with
            {
                PlatformName = platform.ToString(),
                Choose = index => platform.Choose(index.Manifests),
                Accepts = config => platform.Accepts(ImagePlatform.Of(config)),
            };
        }
        return Run(engine, name, options, cancellation);
    }

    /// <inheritdoc cref="Run(ContainerEngine, string, ImagePlatform?, IPullProgress?, CancellationToken)"/>
    /// <param name="engine">The engine.</param>
    /// <param name="name">Which.</param>
    /// <param name="options">How.</param>
    /// <param name="cancellation">Ends it; what has come is kept for the next time.</param>
    public static PulledImage Run(ContainerEngine engine, string name, PullOptions options, CancellationToken cancellation = default)
    {
        RegistryOptions registries = RegistryOptions.FromEnvironment(Environment.GetEnvironmentVariable);
        TrustPolicy policy = TrustPolicy.Load(RegistryOptions.ConfigFolder(Environment.GetEnvironmentVariable));
        using var client = new RegistryClient(registries);
        IReadOnlyList<ImageReference> candidates = ShortNames.Candidates(name, registries.Config.Search);
        for (int i = 0; ; i++)
        {
            PullOptions trusted = options with { Verify = policy.ForPull(candidates[i], new RegistrySignatures(client)) };
            try
            {
                PulledImage pulled = engine.Images.Store.PullAsync(candidates[i], new RegistryImageSource(client), trusted, cancellation).GetAwaiter().GetResult();
                engine.Events.Image("pull", pulled.Reference.Familiar, pulled.Reference.FamiliarName);
                return pulled;
            }
            catch (ContainerException e) when (i < candidates.Count - 1 && e.Kind == ContainerErrorKind.NotFound)
            {
                // Not in this one. One that does not answer, refuses, or is not trusted is another matter: the next one's image must not be taken for its.
            }
        }
    }
}

using Rundlet.Images.Platforms;
using Rundlet.Images.Pull;
using Rundlet.Images.References;
using Rundlet.Images.Registry;
using Rundlet.Linux;

namespace Rundlet.Engine.Operations;

/// <summary>Sees to it that an image is here before a container is made of it.</summary>
public static class EnsureImage
{
    /// <summary>An image that is here, by the name itself or, where it names no registry, by the same in a search registry; null where it is not here.</summary>
    /// <param name="engine">The engine.</param>
    /// <param name="nameOrId">The image.</param>
    /// <param name="platform">What it must be made for; null for this machine.</param>
    /// <exception cref="ContainerException">InvalidArgument: neither a name nor an id.</exception>
    public static FoundImage? Find(ContainerEngine engine, string nameOrId, ImagePlatform? platform)
    {
        if (TryFind(engine, nameOrId, platform) is { } found)
            return found;
        IReadOnlyList<string> search = RegistryOptions.FromEnvironment(Environment.GetEnvironmentVariable).Config.Search;
        return ShortNames.Candidates(nameOrId, search).Select(candidate => TryFind(engine, candidate.Familiar, platform)).FirstOrDefault(candidate => candidate is not null);
    }

    /// <summary>Pulls it.</summary>
    /// <param name="engine">The engine.</param>
    /// <param name="name">Its name.</param>
    /// <param name="platform">What it must be made for; null for this machine.</param>
    /// <param name="progress">Is told how it goes on.</param>
    /// <param name="cancellation">Ends it; what has come is kept for the next time.</param>
    /// <returns>What it is called here.</returns>
    /// <exception cref="ContainerException">It cannot be pulled: says that it is not here, why, and what may have been meant.</exception>
    public static string Pull(ContainerEngine engine, string name, ImagePlatform? platform, IPullProgress? progress, CancellationToken cancellation)
    {
        try
        {
            return PullImage.Run(engine, name, platform, progress, cancellation).Reference.Familiar;
        }
        catch (ContainerException e) when (engine.Images.Suggest(name) is { } near && e.Kind is not ContainerErrorKind.Canceled)
        {
            throw new ContainerException(e.Kind, $"image '{name}' is not here", e) { Hint = $"did you mean '{near}'?" };
        }
    }

    private static FoundImage? TryFind(ContainerEngine engine, string nameOrId, ImagePlatform? platform)
    {
        try
        {
            NamedImage found = engine.Images.Store.Find(nameOrId);
            bool fits = platform is null || platform.Accepts(ImagePlatform.Of(engine.Images.Store.Read(found).Config));
            return fits ? new FoundImage(nameOrId, found) : null;
        }
        catch (ContainerException e) when (e.Kind == ContainerErrorKind.NotFound)
        {
            return null;
        }
    }
}

using Rundlet.Images.Platforms;
using Rundlet.Images.Pull;
using Rundlet.Images.References;
using Rundlet.Images.Registry;
using Rundlet.Linux;

namespace Rundlet.Engine.Operations;

/// <summary>Sees to it that an image is here before a container is made of it.</summary>
public static class EnsureImage
{
    /// <summary>What an image is called that is here: the name itself or, where it names no registry, the same in a search registry; null where it is not here.</summary>
    /// <param name="engine">The engine.</param>
    /// <param name="nameOrId">The image.</param>
    /// <param name="platform">What it must be made for; null for this machine.</param>
    /// <exception cref="ContainerException">InvalidArgument: neither a name nor an id.</exception>
    public static string? Find(ContainerEngine engine, string nameOrId, ImagePlatform? platform)
    {
        if (engine.Images.IsEmbedded(nameOrId) || IsHere(engine, nameOrId, platform))
            return nameOrId;
        IReadOnlyList<string> search = RegistryOptions.FromEnvironment(Environment.GetEnvironmentVariable).Config.Search;
        return ShortNames.Candidates(nameOrId, search).Select(candidate => candidate.Familiar).FirstOrDefault(candidate => IsHere(engine, candidate, platform));
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

    private static bool IsHere(ContainerEngine engine, string nameOrId, ImagePlatform? platform)
    {
        try
        {
            if (platform is null)
            {
                engine.Images.Store.Find(nameOrId);
                return true;
            }
            return platform.Accepts(ImagePlatform.Of(engine.Images.Store.Inspect(nameOrId).Config));
        }
        catch (ContainerException e) when (e.Kind == ContainerErrorKind.NotFound)
        {
            return false;
        }
    }
}

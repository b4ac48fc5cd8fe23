using Rundlet.Engine.Options;
using Rundlet.Images.Platforms;
using Rundlet.Images.Pull;
using Rundlet.Linux;

namespace Rundlet.Engine.Operations;

/// <summary>Sees to it that an image is here before a container is made of it.</summary>
public static class EnsureImage
{
    /// <summary>Whether the image must be pulled.</summary>
    /// <param name="engine">The engine.</param>
    /// <param name="nameOrId">The image.</param>
    /// <param name="policy">When to pull.</param>
    /// <param name="platform">What it must be made for; null for this machine.</param>
    /// <exception cref="ContainerException">InvalidArgument: neither a name nor an id.</exception>
    public static bool IsNeeded(ContainerEngine engine, string nameOrId, PullPolicy policy, ImagePlatform? platform)
    {
        if (policy == PullPolicy.Never || engine.Images.IsEmbedded(nameOrId))
            return false;
        return policy == PullPolicy.Always || !IsHere(engine, nameOrId, platform);
    }

    /// <summary>Pulls it.</summary>
    /// <param name="engine">The engine.</param>
    /// <param name="name">Its name.</param>
    /// <param name="platform">What it must be made for; null for this machine.</param>
    /// <param name="progress">Is told how it goes on.</param>
    /// <param name="cancellation">Ends it; what has come is kept for the next time.</param>
    /// <exception cref="ContainerException">It cannot be pulled: says that it is not here, why, and what may have been meant.</exception>
    public static void Run(ContainerEngine engine, string name, ImagePlatform? platform, IPullProgress? progress, CancellationToken cancellation)
    {
        try
        {
            PullImage.Run(engine, name, platform, progress, cancellation);
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

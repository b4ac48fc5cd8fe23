using Rundlet.Images.Push;
using Rundlet.Images.References;
using Rundlet.Images.Registry;
using Rundlet.Linux;

namespace Rundlet.Engine.Operations;

/// <summary>Brings images to a registry.</summary>
public static class PushImage
{
    /// <summary>Which references a person means.</summary>
    /// <param name="engine">The engine.</param>
    /// <param name="name">A reference; only a repository where all its tags are meant.</param>
    /// <param name="allTags">Whether all tags are meant.</param>
    /// <exception cref="ContainerException">InvalidArgument: a tag and all tags; NotFound: there is no tag.</exception>
    public static IReadOnlyList<ImageReference> References(ContainerEngine engine, string name, bool allTags)
    {
        ImageReference reference = ImageReference.Parse(name);
        if (!allTags)
            return [reference];
        if (!reference.Digest.IsEmpty || name.EndsWith($":{reference.Tag}", StringComparison.Ordinal))
            throw new ContainerException(ContainerErrorKind.InvalidArgument, $"'{name}' names one image, not all tags") { Hint = $"leave out the tag: {reference.FamiliarName}" };
        IReadOnlyList<ImageReference> tags = engine.Images.Store.TagsOf(reference);
        return tags.Count > 0 ? tags : throw new ContainerException(ContainerErrorKind.NotFound, $"no such image '{reference.FamiliarName}'");
    }

    /// <summary>Brings them, one after the other.</summary>
    /// <param name="engine">The engine.</param>
    /// <param name="references">Which.</param>
    /// <param name="options">How.</param>
    /// <param name="done">Is told of each that is there.</param>
    /// <param name="cancellation">Ends it; what was sent stays in the registry and is not sent again.</param>
    /// <exception cref="ContainerException">NotFound, PermissionDenied or Unavailable: says of which registry, and the cure.</exception>
    public static void Run(ContainerEngine engine, IReadOnlyList<ImageReference> references, PushOptions options, Action<PushedImage> done, CancellationToken cancellation = default)
    {
        using var client = new RegistryClient(RegistryOptions.FromEnvironment(Environment.GetEnvironmentVariable));
        foreach (ImageReference reference in references)
        {
            done(engine.Images.Store.PushAsync(reference, client, options, cancellation).GetAwaiter().GetResult());
            engine.Events.Image("push", reference.Familiar, reference.FamiliarName);
        }
    }
}
